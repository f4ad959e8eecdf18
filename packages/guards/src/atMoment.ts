import type { Authenticated, Authentication, Rejected } from './authentication.ts';
import { AuthError } from './errors.ts';

const expired: Rejected = { status: 'rejected', error: new AuthError('TOKEN_EXPIRED') };
// The fields of one event ask one after the other, most of them within the same second.
const aged = new WeakMap<Authenticated, Authenticated>();

/** What an authentication has become by a moment, in seconds since 1970: its token may have run out or gone stale. */
export function atMoment(authentication: Authentication, seconds: number): Authentication {
  if (authentication.status !== 'authenticated') return authentication;
  const { expiresAt = null, passwordCheckedAt = null, passwordAgeSeconds } = authentication;
  if (expiresAt !== null && seconds >= expiresAt) return expired;
  if (passwordCheckedAt === null) return authentication;
  const age = seconds - passwordCheckedAt;
  if (age === passwordAgeSeconds) return authentication;
  const known = aged.get(authentication);
  if (known?.passwordAgeSeconds === age) return known;
  const now = { ...authentication, passwordAgeSeconds: age };
  aged.set(authentication, now);
  return now;
}
