import { eq } from 'drizzle-orm';
import type { JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type OpenIdProvider,
  resource,
  startProvider,
} from '../../packages/guards/test/issuers/openIdProvider.ts';
import {
  audience,
  startIssuer,
  type TestIssuer,
} from '../../packages/guards/test/issuers/testIssuer.ts';
import { auditEvents } from '../../src/audit/table.ts';
import type { Context } from '../../src/context.ts';
import { isTransaction } from '../../src/database/database.ts';
import { defineServer } from '../../src/defineServer.ts';
import { users } from '../../src/user/table.ts';
import type { UserOfIssuer } from '../../src/userOfIssuer.ts';
import { register, succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { createIdentities, dropIdentities, findOrMake } from '../support/identities.ts';
import { refusals } from '../support/refusals.ts';
import { testService } from '../support/testService.ts';

// What the loader does next: each test may say it.
let userOfIssuer: UserOfIssuer;
// What code of a server's own does with the context, at the end of each request.
let useContext: (context: Context) => Promise<void>;
const definition = defineServer({
  features: testService.features,
  userOfIssuer: async (token, scene) => await userOfIssuer(token, scene),
  plugins: [
    {
      requestDidStart: async () => ({
        willSendResponse: async ({ contextValue }) => await useContext(contextValue),
      }),
    },
  ],
});

let issuer: TestIssuer;
let other: TestIssuer;
let app: TestApp;
beforeAll(async () => {
  [issuer, other] = [await startIssuer(), await startIssuer({ path: '/realms/shop/' })];
  app = await startApp({
    definition,
    environment: {
      TRUSTED_ISSUERS: `${issuer.url} ${audience}, ${other.url} ${audience}`,
      JWT_TOKEN_LOCATION: 'headers,cookies',
      JWT_ACCESS_COOKIE: 'true',
    },
  });
  await createIdentities(app.database);
});
afterAll(async () => {
  await dropIdentities(app.database);
  await Promise.all([issuer.close(), other.close()]);
  await app.close();
});
beforeEach(() => {
  userOfIssuer = findOrMake;
  useContext = async () => {};
  issuer.now = app.clock.now;
  other.now = app.clock.now;
});
afterEach(() => {
  issuer.answer = null;
  vi.useRealTimers();
});

const sign = (claims: JWTPayload = {}) => issuer.sign(claims);
const seconds = () => app.clock.now.getTime() / 1000;
const me = async (token: string) => (await app.ask('{ me { id fullName } }', { token })).data.me;
const change = (userId: string, row: Partial<typeof users.$inferInsert>) =>
  app.database.update(users).set(row).where(eq(users.id, userId));
const entriesOf = (userId: string) =>
  app.database
    .select()
    .from(auditEvents)
    .where(eq(auditEvents.userId, userId))
    .orderBy(auditEvents.id);

describe('a token of a trusted issuer', () => {
  test('has the user whom the loader makes at the first request, and finds at the next', async () => {
    const found = await me(await sign({ sub: 'ada' }));
    expect(found).toEqual({ id: expect.any(String), fullName: 'ada' });
    expect(await me(await sign({ sub: 'ada' }))).toEqual(found);
    expect(await entriesOf(found.id)).toMatchObject([
      { event: 'REGISTERED', actorId: found.id, sessionId: null, issuer: issuer.url },
    ]);
  });

  test('makes one user in 20 first requests at the same time', async () => {
    const token = await sign({ sub: 'at-once' });
    const all = await Promise.all(Array.from({ length: 20 }, () => me(token)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await entriesOf(all[0].id)).toHaveLength(1);
  });

  test('has another user than a token of another issuer with the same subject', async () => {
    const [ours, theirs] = [
      await me(await sign({ sub: 'eve' })),
      await me(await other.sign({ sub: 'eve' })),
    ];
    expect(ours.id).not.toBe(theirs.id);
  });

  test('has its issuer in the log, and no part of the token', async () => {
    app.logLines.length = 0;
    const token = await sign({ sub: 'secret-subject' });
    const { id } = await me(token);
    const log = app.logLines.join('');
    const line = app.logLines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'request');
    expect(line).toMatchObject({ userId: id, issuer: issuer.url });
    expect(line).not.toHaveProperty('sessionId');
    for (const part of [...token.split('.'), 'secret-subject']) expect(log).not.toContain(part);
  });

  test('has its user loaded by GET as by POST, and not for a public field', async () => {
    const authorization = `Bearer ${await sign({ sub: 'get' })}`;
    const answer = await app.inject({
      url: `/graphql?query=${encodeURIComponent('{ me { fullName } }')}`,
      headers: { authorization, accept: 'application/json' },
    });
    expect(answer.json()).toEqual({ data: { me: { fullName: 'get' } } });
    userOfIssuer = vi.fn();
    expect(succeeded(await app.ask('{ serverTime }', { token: await sign() }))).toBeTruthy();
    expect(userOfIssuer).not.toHaveBeenCalled();
  });
});

test('the issuers in the context verify the given token, not the token of the caller', async () => {
  const verdicts: unknown[] = [];
  const given = [`${await sign()}x`, await sign({ sub: 'eve' })];
  useContext = async ({ issuers, now }) => {
    for (const token of given) verdicts.push(await issuers?.verify(token, now));
  };
  await me(await sign({ sub: 'ada' }));
  expect(verdicts).toMatchObject([{ reason: 'TOKEN_INVALID' }, { token: { subject: 'eve' } }]);
});

describe('a user of another issuer', () => {
  test('is refused at the next request after being disabled', async () => {
    const token = await sign({ sub: 'disabled' });
    const { id } = await me(token);
    await change(id, { active: false });
    expect(failure(await app.ask('{ me { id } }', { token }))).toEqual(refusals.userInactive);
  });

  test.each<[string, (id: string) => Awaited<ReturnType<UserOfIssuer>>, object]>([
    ['null', () => null, refusals.userNotFound],
    ['an unknown id', () => crypto.randomUUID(), refusals.userNotFound],
    ['a text that is no id', () => "' or true", refusals.userNotFound],
    ['undefined', () => undefined as never, { code: 'INTERNAL_SERVER_ERROR' }],
  ])('is not authenticated when the loader returns %s', async (_who, found, expected) => {
    userOfIssuer = () => found('');
    expect(failure(await app.ask('{ me { id } }', { token: await sign() }))).toMatchObject(
      expected,
    );
  });

  test('is an administrator when the database says so, whatever the token or the loader says', async () => {
    const claims = { sub: 'boss', isAdmin: true, roles: ['admin'], scope: 'admin audit:read' };
    const token = await sign(claims);
    const { id } = await me(token);
    userOfIssuer = () => ({ id, isAdmin: true, active: true }) as { id: string };
    const query = '{ auditLog(first: 1) { edges { node { issuer } } } }';
    expect(failure(await app.ask(query, { token }))).toEqual(refusals.adminRequired);
    expect((await entriesOf(id)).at(-1)).toMatchObject({
      event: 'ADMIN_REFUSED',
      issuer: issuer.url,
      sessionId: null,
    });
    await change(id, { isAdmin: true });
    expect(succeeded(await app.ask(query, { token })).auditLog.edges).toEqual([
      { node: { issuer: issuer.url } },
    ]);
    const narrow = await sign({ ...claims, scope: 'admin' });
    expect(failure(await app.ask(query, { token: narrow }))).toMatchObject({
      reason: 'SCOPE_REQUIRED',
    });
  });

  test('is fresh after a sign-in at the issuer for as long as after a sign-in here', async () => {
    const clock = app.clock.now;
    const times = { auth_time: seconds() - 299, exp: seconds() + 900 };
    const token = await sign({ sub: 'fresh', ...times });
    const { id } = await me(token);
    await change(id, { isAdmin: true });
    const promote = `mutation { setUserAdmin(id: "${id}", admin: true) { id } }`;
    expect(succeeded(await app.ask(promote, { token })).setUserAdmin).toEqual({ id });
    app.clock.advance(2);
    expect(failure(await app.ask(promote, { token }))).toEqual(refusals.freshRequired);
    const never = await sign({ sub: 'fresh' });
    expect(failure(await app.ask(promote, { token: never }))).toEqual(refusals.freshRequired);
    app.clock.now = clock;
  });

  test('has audit entries with the issuer', async () => {
    const token = await sign({ sub: 'clerk', auth_time: seconds() });
    const { id } = await me(token);
    await change(id, { isAdmin: true });
    const account = await register(app);
    await succeeded(
      await app.ask(`mutation { setUserActive(id: "${account.userId}", active: false) { id } }`, {
        token,
      }),
    );
    const entries = await entriesOf(account.userId);
    expect(entries.map(({ event, actorId, issuer: by }) => [event, actorId, by])).toEqual([
      ['REGISTERED', account.userId, null],
      ['USER_DISABLED', id, issuer.url],
      ['SESSION_ENDED', id, issuer.url],
    ]);
  });

  test('cannot sign in with a password', async () => {
    const { id } = await me(await sign({ sub: 'no-password' }));
    const [row] = await app.database.select().from(users).where(eq(users.id, id));
    const login = `mutation { login(username: "${row?.username}", password: "") { userId } }`;
    expect(failure(await app.ask(login))).toMatchObject({ code: 'BAD_USER_INPUT' });
    const guess = login.replace('""', '"correct horse battery"');
    expect(failure(await app.ask(guess))).toEqual(refusals.invalidCredentials);
  });
});

describe('a field that needs a session of this server refuses a token of another issuer:', () => {
  const wrongType = (message: string) => ({
    code: 'UNAUTHENTICATED',
    reason: 'TOKEN_WRONG_TYPE',
    message,
  });
  const noSession = wrongType(
    'This is a token of another issuer; an access token of this server is needed here.',
  );
  const notOurs = wrongType(
    'This is a token of another issuer, which alone can refresh or end it.',
  );

  test.each([
    ['freshLogin(password: "correct horse battery") { userId }', noSession],
    ['changePassword(newPassword: "another horse battery") { userId }', noSession],
    ['createApiToken(name: "x", scopes: ["audit:read"]) { token }', noSession],
    ['logout', notOurs],
    ['refresh { userId }', notOurs],
  ])('%s', async (field, expected) => {
    const token = await sign({ sub: 'no-session', auth_time: seconds() });
    expect(failure(await app.ask(`mutation { ${field} }`, { token }))).toEqual(expected);
  });

  test('logout(refreshToken:), for a token of the issuer and for an invalid one', async () => {
    const { url } = issuer;
    const made = `e30.${Buffer.from(JSON.stringify({ iss: url })).toString('base64url')}.x`;
    for (const token of [await sign(), made]) {
      const logout = `mutation { logout(refreshToken: "${token}") }`;
      expect(failure(await app.ask(logout))).toEqual(notOurs);
    }
  });

  test('no session of the user is the current session of the token', async () => {
    const { userId, accessToken } = await register(app);
    userOfIssuer = () => userId;
    const token = await sign();
    const { sessions } = succeeded(await app.ask('{ sessions { current } }', { token }));
    expect(sessions).toEqual([{ current: false }]);
    expect(succeeded(await app.ask('mutation { logoutEverywhere }', { token }))).toEqual({
      logoutEverywhere: 1,
    });
    expect(failure(await app.ask('{ me { id } }', { token: accessToken }))).toEqual(
      refusals.revoked,
    );
  });
});

describe('TOKEN_INVALID is the reason for', () => {
  test.each<[string, () => Promise<string>]>([
    ['a token of an issuer that is not trusted', () => sign({ iss: 'https://evil.example.com' })],
    [
      'a token that an issuer signs in the name of this server',
      () => sign({ iss: 'sallyport', aud: 'sallyport' }),
    ],
    ['a token that an issuer signs in the name of another', () => sign({ iss: other.url })],
    ['a token for another audience', () => sign({ aud: 'sallyport' })],
    ['an ID token', () => issuer.sign({ nonce: 'x' }, { typ: 'JWT' })],
    ['a token whose issuer has a slash more', () => sign({ iss: `${issuer.url}/` })],
  ])('%s', async (_what, make) => {
    expect(failure(await app.ask('{ me { id } }', { token: await make() }))).toEqual(
      refusals.invalid,
    );
  });

  test('two Authorization headers with valid tokens', async () => {
    const url = await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { accessToken } = await register(app);
    const { request } = await import('node:http');
    const token = await sign();
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = request(`${url}/graphql`, { method: 'POST' }, (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.setHeader('content-type', 'application/json');
      sent.setHeader('authorization', [`Bearer ${accessToken}`, `Bearer ${token}`] as never);
      sent.end(JSON.stringify({ query: '{ me { id } }' }));
    });
    expect(answer).toContain('TOKEN_INVALID');
  });

  test('a token of another issuer in the access cookie', async () => {
    const headers = {
      cookie: `sallyport_access=${await sign()}`,
      host: 'localhost',
      'sec-fetch-site': 'same-origin',
    };
    expect(failure(await app.ask('{ me { id } }', { headers }))).toMatchObject({
      reason: 'TOKEN_INVALID',
    });
  });
});

describe('a change by a user of another issuer', () => {
  test('loads the user again in its transaction, and verifies the token once', async () => {
    const places: boolean[] = [];
    userOfIssuer = (token, scene) => {
      places.push(isTransaction(scene.database));
      return findOrMake(token, scene);
    };
    const token = await sign({ sub: 'changes' });
    await me(token);
    places.length = 0;
    const verified = vi.spyOn(crypto.subtle, 'verify');
    expect(succeeded(await app.ask('mutation { logoutEverywhere }', { token }))).toBeTruthy();
    expect(places).toEqual([false, true]);
    expect(verified).toHaveBeenCalledTimes(1);
    verified.mockRestore();
  });

  test('is refused where the token has become another user’s meanwhile', async () => {
    const [before, after] = [await register(app), await register(app)];
    userOfIssuer = (_token, { database }) => (isTransaction(database) ? after : before).userId;
    const answer = await app.ask('mutation { logoutEverywhere }', { token: await sign() });
    expect(failure(answer)).toEqual(refusals.userNotFound);
    const { accessToken: token } = after;
    expect(succeeded(await app.ask('{ me { id } }', { token })).me.id).toBe(after.userId);
  });
});

describe('an issuer that is down', () => {
  test('gives a 503 to tokens with an unknown key, and does not affect others', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const known = await sign({ sub: 'known' });
    expect(await me(known)).toMatchObject({ fullName: 'known' });
    issuer.answer = (_request, response) => response.writeHead(502).end();
    vi.setSystemTime(Date.now() + 31_000);
    const unknown = await issuer.sign({ sub: 'known' }, { kid: 'unknown' });
    app.logLines.length = 0;
    const answer = await app.ask('{ me { id } }', { token: unknown });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(failure(answer)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(app.logLines.join('')).toContain(`The keys of ${issuer.url} cannot be loaded.`);
    expect(await me(known)).toMatchObject({ fullName: 'known' });
    expect(await me(await other.sign({ sub: 'known' }))).toMatchObject({ fullName: 'known' });
    const { accessToken } = await register(app);
    expect(await me(accessToken)).toBeTruthy();
    expect(succeeded(await app.ask('{ serverTime }', { token: unknown }))).toBeTruthy();
  });

  test('causes a warning at the start of the server, and its tokens are valid once it is up again', async () => {
    const late = await startIssuer();
    late.now = app.clock.now;
    late.answer = (_request, response) => response.writeHead(502).end();
    const started = await startApp({
      definition: defineServer({ userOfIssuer: findOrMake }),
      environment: { TRUSTED_ISSUERS: `${late.url} ${audience}` },
      database: app.database,
    });
    await eventually(() => {
      const line = started.logLines
        .map((text) => JSON.parse(text))
        .find(({ level }) => level === 40);
      expect(line).toMatchObject({
        issuer: late.url,
        msg: 'the keys of an issuer cannot be loaded: its tokens cannot be verified yet',
      });
    });
    late.answer = null;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_000 });
    const { data } = await started.ask('{ me { fullName } }', { token: await late.sign() });
    expect(data.me).toEqual({ fullName: 'ada' });
    vi.useRealTimers();
    await started.close();
    await late.close();
  });
});

test('a server with TRUSTED_ISSUERS and without a loader does not start', async () => {
  const environment = { TRUSTED_ISSUERS: `${issuer.url} ${audience}` };
  await expect(startApp({ environment, definition: defineServer() })).rejects.toThrow(
    'TRUSTED_ISSUERS is set, and nothing says whose tokens those are: give defineServer a userOfIssuer.',
  );
  expect(() => defineServer({ userOfIssuer: 'ada' as never })).toThrow(
    new TypeError('defineServer: userOfIssuer must be a function of a token.'),
  );
});

test('a loader without TRUSTED_ISSUERS is never called', async () => {
  userOfIssuer = vi.fn();
  const plain = await startApp({ definition, database: app.database });
  const answer = await plain.ask('{ me { id } }', { token: await sign() });
  expect(failure(answer)).toEqual(refusals.invalid);
  expect(userOfIssuer).not.toHaveBeenCalled();
  await plain.close();
});

describe('with a real provider', () => {
  let provider: OpenIdProvider;
  let served: TestApp;
  beforeAll(async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(console, 'info').mockImplementation(() => {});
    provider = await startProvider();
    served = await startApp({
      definition: defineServer({ userOfIssuer: findOrMake }),
      environment: { TRUSTED_ISSUERS: `${provider.issuer} ${resource}` },
      database: app.database,
      clock: { now: new Date(), advance: () => {} },
    });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await served.close();
    await provider.close();
  });

  test('a user who has signed in at the provider has the access that the scopes and the sign-in allow', async () => {
    served.clock.now = new Date();
    const { accessToken, idToken } = await provider.signIn('grace', {
      scope: 'openid items:read audit:read',
    });
    const { me: user } = succeeded(
      await served.ask('{ me { id fullName } }', { token: accessToken }),
    );
    expect(user.fullName).toBe('grace');
    await change(user.id, { isAdmin: true });
    const promote = `mutation { setUserAdmin(id: "${user.id}", admin: true) { id } }`;
    expect(succeeded(await served.ask(promote, { token: accessToken }))).toBeTruthy();
    const log = '{ auditLog(first: 1) { edges { cursor } } }';
    expect(succeeded(await served.ask(log, { token: accessToken }))).toBeTruthy();
    expect(failure(await served.ask(log, { token: idToken }))).toEqual(refusals.invalid);
  });

  test('a client of the provider is a user of its own, who has never signed in', async () => {
    served.clock.now = new Date();
    const token = await provider.clientToken({ scope: 'items:read' });
    expect(succeeded(await served.ask('{ me { fullName } }', { token })).me.fullName).toBe('web');
    expect(failure(await served.ask('mutation { deleteAccount }', { token }))).toEqual(
      refusals.freshRequired,
    );
  });
});
