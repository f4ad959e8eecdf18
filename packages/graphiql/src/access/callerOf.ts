import { type Authentication, anonymous } from '@sallyport/guards/judge';
import type { Account } from '../accounts/accounts.ts';
import { tokenTimes } from '../accounts/tokenTimes.ts';

/** The caller that the server will see when an account sends an operation now. */
export function callerOf({ session, isAdmin }: Account, nowMilliseconds: number): Authentication {
  const times = session && tokenTimes(session, nowMilliseconds);
  if (!times) return anonymous;
  return {
    status: 'authenticated',
    user: {},
    isAdmin,
    passwordAgeSeconds: times.sinceConfirmed,
    claims: null,
  };
}
