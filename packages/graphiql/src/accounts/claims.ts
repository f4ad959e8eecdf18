/** What an access token says, as it stands in it. The page reads it to show it, and trusts it with nothing. */
export function readClaims(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token.split('.');
  const bytes = Uint8Array.from(
    atob(payload.replaceAll('-', '+').replaceAll('_', '/')),
    (character) => character.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

const times: readonly string[] = ['iat', 'exp', 'nbf', 'auth_time'];
const meanings: Readonly<Record<string, string>> = {
  sub: 'whose it is',
  sid: 'the session',
  gen: 'which pair of the session',
  jti: 'which token',
  iat: 'made',
  exp: 'good until',
  auth_time: 'password checked',
  fresh: 'made by a password check',
  iss: 'who made it',
  aud: 'for whom',
};

/** Says a claim to people: its value, a time of day where it is one, and what it means. */
export function describeClaim(name: string, value: unknown): { value: string; meaning: string } {
  const isTime = times.includes(name) && typeof value === 'number';
  return {
    value: isTime ? new Date(value * 1000).toLocaleTimeString() : String(value),
    meaning: meanings[name] ?? '',
  };
}
