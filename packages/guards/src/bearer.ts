/** What the `Authorization` headers of a request hold. */
export type Bearer = 'absent' | 'malformed' | { readonly token: string };

// Spaces and tabs around a value do not count (RFC 9110, section 5.5); `trim` would take off no-break spaces too.
const blank = /^[ \t]*$/;
const bearerCredentials = /^[ \t]*bearer +([A-Za-z0-9._~+/-]+=*)[ \t]*$/i;
const otherScheme = /^[ \t]*[\w!#$%&'*+.^`|~-]+ +[^ \t]/;
const bearerAnywhere = /(?:^|[\s,])bearer(?:[\s,]|$)/i;

/**
 * Reads the bearer token (RFC 6750, section 2.1). The scheme may be in any letter case. No header, an empty one
 * (which clients send when they have no token) and other schemes count as absent; everything else that is not
 * exactly one bearer token is malformed, so that a slip is never taken for anonymous.
 *
 * @example
 * console.log(readBearer(['Bearer abc.def.ghi'])); // { token: 'abc.def.ghi' }
 * console.log(readBearer([]), readBearer(['Bearer two words'])); // absent malformed
 */
export function readBearer(headers: readonly string[]): Bearer {
  const present = headers.filter((header) => !blank.test(header));
  const [header] = present;
  if (header === undefined) return 'absent';
  if (present.length > 1) return 'malformed';
  const token = bearerCredentials.exec(header)?.[1];
  if (token !== undefined) return { token };
  return otherScheme.test(header) && !bearerAnywhere.test(header) ? 'absent' : 'malformed';
}
