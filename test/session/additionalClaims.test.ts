import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthError, describeGuard, signedIn } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClaimsFunction } from '../../src/additionalClaims.ts';
import { defineServer } from '../../src/defineServer.ts';
import { users } from '../../src/user/table.ts';
import { claimsOf, login, type Pair, refresh, register, succeeded } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';

declare module '@sallyport/guards' {
  interface AdditionalClaims {
    readonly plan?: string;
  }
}

// What the function under test does next: each test says it.
let claims: ClaimsFunction = () => ({});
const asked: string[] = [];
const definition = defineServer({
  features: [
    {
      schema: new URL('./plan.graphql', import.meta.url),
      resolvers: {
        Query: {
          plan: (_parent, _args, { authentication }) => authentication.claims?.additional.plan,
          goldOnly: () => true,
        },
      },
    },
  ],
  guards: {
    plan: describeGuard(
      'a plan',
      signedIn(({ claims }, { name }) =>
        claims?.additional.plan === name ? null : new AuthError('ADMIN_REQUIRED'),
      ),
    ),
  },
  claims: async (user, scene) => {
    asked.push(user.id);
    return await claims(user, scene);
  },
});

let app: TestApp;
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  app = await startApp({ definition, environment: { JWT_PRIVATE_KEY: pem } });
});
afterAll(() => app.close());
beforeEach(() => {
  asked.length = 0;
  claims = () => ({ plan: 'gold' });
});

const planOf = ({ accessToken }: Pair) => claimsOf(accessToken)['plan'];

describe('additional claims of the server', () => {
  test('are in every minted access token, computed anew each time', async () => {
    let count = 0;
    claims = () => ({ plan: `gold ${++count}` });
    const account = await register(app);
    expect(planOf(account)).toBe('gold 1');
    const signedIn = await login(app, account.username);
    expect(planOf(signedIn)).toBe('gold 2');
    app.clock.advance(11);
    const refreshed = succeeded(await refresh(app, signedIn.refreshToken)).refresh as Pair;
    expect(planOf(refreshed)).toBe('gold 3');
    const { accessToken: token } = refreshed;
    const fresh = succeeded(
      await app.ask(`mutation { freshLogin(password: "${password}") { accessToken } }`, { token }),
    ).freshLogin as Pair;
    expect(planOf(fresh)).toBe('gold 4');
    const changed = succeeded(
      await app.ask(
        `mutation { changePassword(newPassword: "${password} anew") { accessToken } }`,
        {
          token: fresh.accessToken,
        },
      ),
    ).changePassword as Pair;
    expect(planOf(changed)).toBe('gold 5');
    expect(asked).toEqual(Array(5).fill(account.userId));
  });

  test('are computed from the user as it is in the database, and may load more', async () => {
    claims = async ({ id }, { database, now }) => {
      const [row] = await database.select().from(users).where(eq(users.id, id));
      return { plan: `${row?.fullName} ${now.toISOString()}` };
    };
    const account = await register(app);
    const byId = eq(users.id, account.userId);
    await app.database.update(users).set({ fullName: 'Ada' }).where(byId);
    const signedIn = await login(app, account.username);
    expect(planOf(signedIn)).toBe(`Ada ${app.clock.now.toISOString()}`);
  });

  test('are not in the refresh token', async () => {
    expect(claimsOf((await register(app)).refreshToken)).not.toHaveProperty('plan');
  });

  test('are read by resolvers and judged by guards', async () => {
    const { accessToken: token, username } = await register(app);
    expect(succeeded(await app.ask('{ plan goldOnly }', { token }))).toEqual({
      plan: 'gold',
      goldOnly: true,
    });
    claims = () => ({ plan: 'free' });
    const { accessToken } = await login(app, username);
    const answer = await app.ask('{ plan goldOnly }', { token: accessToken });
    expect(answer.data).toEqual({ plan: 'free', goldOnly: null });
    expect(failure(answer)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('are absent from API tokens', async () => {
    const { accessToken } = await register(app);
    const { token } = succeeded(
      await app.ask('mutation { createApiToken(name: "x") { token } }', { token: accessToken }),
    ).createApiToken;
    expect((await app.ask('{ plan goldOnly }', { token })).data).toEqual({
      plan: null,
      goldOnly: null,
    });
  });

  test.each<[string, () => unknown, string]>([
    ['that replace a claim of the token', () => ({ sub: 'secret-value' }), 'claim sub'],
    ['that are no JSON', () => ({ plan: ['secret-value', new Date(0)] }), 'claim plan is no JSON'],
    ['that are too long', () => ({ plan: 'secret-value'.repeat(400) }), 'longer than 4096 bytes'],
    ['that are undefined', () => undefined, 'returned none'],
    ['that are a list', () => ['plan'], 'not an object'],
    ['that fail to load', () => Promise.reject(new Error('plans are down')), 'plans are down'],
  ])(
    '%s prevent the sign-in, and the log has the reason, without a value',
    async (_what, give, message) => {
      const { username } = await register(app);
      app.logLines.length = 0;
      claims = give as ClaimsFunction;
      const answer = await app.ask(
        `mutation { login(username: "${username}", password: "${password}") { accessToken } }`,
      );
      expect(failure(answer)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
      expect(answer.data?.login ?? null).toBeNull();
      const log = app.logLines.join('');
      expect(log).toContain(message);
      expect(`${log}${JSON.stringify(answer)}`).not.toContain('secret-value');
      claims = () => ({});
      expect((await login(app, username)).accessToken).toBeTypeOf('string');
    },
  );
});

describe('another service, with jose alone', () => {
  let url: string;
  const resource = createServer((request, response) => {
    const [, token = ''] = request.headers.authorization?.split(' ') ?? [];
    jwtVerify(token, createRemoteJWKSet(new URL('/.well-known/jwks.json', url)), {
      issuer: 'sallyport',
      audience: 'sallyport',
      algorithms: ['ES256'],
      typ: 'at+jwt',
      currentDate: app.clock.now,
    }).then(
      ({ payload }) => response.end(JSON.stringify({ sub: payload.sub, plan: payload['plan'] })),
      ({ code }) => response.writeHead(401).end(code),
    );
  });
  const ask = async (token: string) => {
    const { port } = resource.address() as AddressInfo;
    const headers = { authorization: `Bearer ${token}` };
    return await (await fetch(`http://127.0.0.1:${port}`, { headers })).text();
  };

  beforeAll(async () => {
    url = await app.http.listen({ host: '127.0.0.1', port: 0 });
    await new Promise<void>((resolve) => resource.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => resource.close(resolve)));

  test('reads the claims from a token that it verifies with the public keys', async () => {
    const { accessToken, userId } = await register(app);
    expect(JSON.parse(await ask(accessToken))).toEqual({ sub: userId, plan: 'gold' });
  });

  test('refuses a changed token, an expired token, and a refresh token', async () => {
    const { accessToken, refreshToken } = await register(app);
    const [header, payload = '', signature] = accessToken.split('.');
    const text = Buffer.from(payload, 'base64url').toString().replace('gold', 'free');
    const changed = [header, Buffer.from(text).toString('base64url'), signature].join('.');
    expect(await ask(changed)).toBe('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    expect(await ask(refreshToken)).toMatch(/^ERR_(JOSE_ALG_NOT_ALLOWED|JWKS_NO_MATCHING_KEY)$/);
    app.clock.advance(901);
    expect(await ask(accessToken)).toBe('ERR_JWT_EXPIRED');
  });
});

test('defineServer refuses claims that are no function', () => {
  expect(() => defineServer({ claims: { plan: 'gold' } as never })).toThrow(
    new TypeError('defineServer: claims must be a function of a user.'),
  );
});

test('a server without additional claims computes none', async () => {
  const plain = await startApp();
  expect(Object.keys(claimsOf((await register(plain)).accessToken)).toSorted()).toEqual(
    ['aud', 'auth_time', 'exp', 'fresh', 'gen', 'iat', 'iss', 'jti', 'sid', 'sub'].toSorted(),
  );
  expect(asked).toEqual([]);
  await plain.close();
});
