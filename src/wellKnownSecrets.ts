// Placeholders of tutorials, starter kits and token debuggers, as bare letters and digits.
const placeholders = [
  'secret',
  'secretkey',
  'jwtsecret',
  'jwtsecretkey',
  'mysecret',
  'mysecretkey',
  'supersecret',
  'supersecretkey',
  'supersecretjwt',
  'supersecretjwttoken',
  'supersecretjwttokenwithatleast32characterslong',
  'yoursecret',
  'yoursecretkey',
  'yourjwtsecret',
  'yoursupersecretkey',
  'yoursupersecretjwtkey',
  'your256bitsecret',
  'your384bitsecret',
  'your512bitsecret',
  'astringsecretatleast256bitslong',
  'avalidstringsecretthatisatleast512bitslongwhichisverylong',
  'changeme',
  'changethis',
  'changemeinproduction',
  'changethisinproduction',
  'changethissecret',
  'pleasechangeme',
  'pleasechangethis',
  'donotuseinproduction',
  'replaceme',
  'replacewithyoursecret',
  'thisisasecret',
  'thisisasecretkey',
  'thisisasupersecretkey',
  'verysecret',
  'verysecretkey',
  'development',
  'developmentsecret',
  'devsecret',
  'testsecret',
  'keyboardcat',
  'password',
  'sallyport',
  '0123456789',
  '1234567890',
  '0123456789abcdef',
  'abcdefghijklmnopqrstuvwxyz',
  'abcdefghijklmnopqrstuvwxyz0123456789',
  'abcdefghijklmnopqrstuvwxyz123456',
];

/** Whether anyone could guess a secret: a placeholder, one that is repeated or padded with digits, or one character. */
export function isWellKnownSecret(secret: string): boolean {
  const bare = secret.toLowerCase().replace(/[^a-z0-9]/g, '');
  const unit = /^(.*?)\1*$/s.exec(secret)?.[1] ?? '';
  if (unit.length === 1) return true;
  if (bare === '') return false;
  const rest = placeholders
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, placeholder) => left.replaceAll(placeholder, ''), bare);
  return /^\d{0,4}$/.test(rest);
}
