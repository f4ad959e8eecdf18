import { randomUUID } from 'node:crypto';
import { type AccessClaims, createKeyRing, createTokens, toSeconds } from '@sallyport/guards';
import { secretKey } from '../../support/app.ts';

/** Tokens as the service and the examples make them when they have the secret key of the tests. */
export const tokens = createTokens({
  keys: createKeyRing({ secret: secretKey }),
  issuer: 'sallyport',
  audience: 'sallyport',
  lifeSeconds: { access: 900, refresh: 1_209_600 },
  leewaySeconds: 10,
});

/** A session, as the claims of a token name it. */
export type Session = Pick<AccessClaims, 'sub' | 'sid'>;

/** The sessions that the callers have on a server. */
export interface Sessions {
  readonly user: Session;
  readonly admin: Session;
  readonly ended: Session;
  readonly disabled: Session;
}

/** Every kind of caller, by what the `Authorization` header holds; an empty one is not sent. */
export function createCallers(sessions: Sessions, now: Date) {
  const seconds = toSeconds(now);
  const bearer = (session: Session, { fresh = false, age = 0 } = {}) => {
    const iat = seconds - age;
    // The password was checked long before, unless the token is fresh.
    const times = { iat, exp: iat + 900, auth_time: fresh ? iat : iat - 3600 };
    return `Bearer ${tokens.signAccess({ ...session, gen: 1, ...times, fresh })}`;
  };
  return {
    anonymous: '',
    'of another scheme': 'Basic YWRhOmFkYQ==',
    malformed: `${bearer(sessions.user)} twice`,
    garbage: 'Bearer not.a.token',
    expired: bearer(sessions.user, { age: 1000 }),
    revoked: bearer(sessions.ended),
    deleted: bearer({ sub: randomUUID(), sid: randomUUID() }),
    disabled: bearer(sessions.disabled),
    user: bearer(sessions.user),
    fresh: bearer(sessions.user, { fresh: true }),
    stale: bearer(sessions.user, { fresh: true, age: 400 }),
    admin: bearer(sessions.admin),
    'fresh admin': bearer(sessions.admin, { fresh: true }),
  };
}

export type Callers = ReturnType<typeof createCallers>;
export type Caller = keyof Callers;
