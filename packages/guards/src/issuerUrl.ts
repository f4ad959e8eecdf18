/**
 * Finds what keeps a text from being the issuer of tokens that are trusted: it is an https URL without query and
 * fragment (OpenID Connect Discovery 1.0, section 3). Only on the loopback, where nobody listens in, is http enough.
 * Null when nothing is wrong with it.
 *
 * @example
 * console.log(findIssuerProblem('https://login.example.com')); // null
 * console.log(findIssuerProblem('http://login.example.com')); // must be an https URL; on the loopback, http is enough
 */
export function findIssuerProblem(issuer: string): string | null {
  const problem = findUrlProblem(issuer);
  if (problem !== null) return problem;
  return /[?#]/.test(issuer) ? 'must have no query and no fragment' : null;
}

/**
 * The same for the URL of a key set, which may have a query.
 *
 * @example
 * console.log(findUrlProblem('https://login.example.com/keys?tenant=1')); // null
 */
export function findUrlProblem(text: string, { loopback = true } = {}): string | null {
  // A parser of URLs skips spaces and line breaks, and a comparison of texts does not.
  if (!/^[!-~]+$/.test(text) || !URL.canParse(text)) return 'must be a URL';
  const { protocol, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'must have no user and no password';
  if (protocol === 'https:' || (loopback && isOnLoopback(text))) return null;
  return loopback
    ? 'must be an https URL; on the loopback, http is enough'
    : 'must be an https URL';
}

/** Whether it is an http URL that does not leave the machine. */
export function isOnLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'http:' &&
    (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname))
  );
}
