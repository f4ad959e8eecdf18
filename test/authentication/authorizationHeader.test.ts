import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, claimsOf, refresh, register } from '../support/account.ts';
import { type Answer, failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { untouchableDatabase } from './untouchableDatabase.ts';

type Outcome = 'signed in' | 'anonymous' | 'invalid';

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp();
  account = await register(app);
});
afterAll(() => app.close());

/** Expects what a guarded, an optional and a public field make of the same headers. */
async function expectOutcome(outcome: Outcome, ask: (query: string) => Promise<Answer>) {
  const [me, viewer, serverTime] = [
    await ask('{ me { id } }'),
    await ask('{ viewer { id } }'),
    await ask('{ serverTime }'),
  ];
  const refused = { anonymous: refusals.missing, invalid: refusals.invalid };
  const user = outcome === 'signed in' ? { id: claimsOf(account.accessToken)['sub'] } : null;
  expect(failure(me)).toEqual(outcome === 'signed in' ? undefined : refused[outcome]);
  expect(me.data).toEqual(user && { me: user });
  expect(failure(viewer)).toEqual(outcome === 'invalid' ? refused.invalid : undefined);
  expect(viewer.data).toEqual(outcome === 'invalid' ? null : { viewer: user });
  expect(serverTime.errors).toEqual([]);
  expect(serverTime.data).toEqual({ serverTime: app.clock.now.toISOString() });
}

describe('an Authorization header', () => {
  const T = '<token>';
  test.each<[string, Outcome]>([
    [`Bearer ${T}`, 'signed in'],
    [`bearer ${T}`, 'signed in'],
    [`BEARER ${T}`, 'signed in'],
    [`bEaReR ${T}`, 'signed in'],
    [`Bearer    ${T}`, 'signed in'],
    [`  Bearer ${T}  `, 'signed in'],
    [`\tBearer ${T}\t`, 'signed in'],
    ['', 'anonymous'],
    ['   ', 'anonymous'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'anonymous'],
    ['basic basiccreds', 'anonymous'],
    ['Digest username="bearer", realm="x"', 'anonymous'],
    [`JWT ${T}`, 'anonymous'],
    [`BearerX ${T}`, 'anonymous'],
    ['Foo 1, Bar 2, Baz, 3', 'anonymous'],
    ['Bearer', 'invalid'],
    ['bearer', 'invalid'],
    ['Bearer ', 'invalid'],
    ['Bearer xxx', 'invalid'],
    ['Bearer a b', 'invalid'],
    ['Bearer ,,0', 'invalid'],
    ['Bearer aaaaa.bbbbb.ccccc', 'invalid'],
    ['foobarbaz', 'invalid'],
    ['Foo 1, Bearer, Baz, 3', 'invalid'],
    ['undefined', 'invalid'],
    ['Bearer undefined', 'invalid'],
    ['Bearer null', 'invalid'],
    [T, 'invalid'],
    [`Bearer${T}`, 'invalid'],
    [`Bearer: ${T}`, 'invalid'],
    [`Bearer=${T}`, 'invalid'],
    [`Bearer "${T}"`, 'invalid'],
    [`"Bearer ${T}"`, 'invalid'],
    [`Bearer\t${T}`, 'invalid'],
    [`Bearer \t${T}`, 'invalid'],
    [`Bearer ${T}\t${T}`, 'invalid'],
    [`Bearer Bearer ${T}`, 'invalid'],
    [`Bearer ${T} ${T}`, 'invalid'],
    [`Bearer ${T},`, 'invalid'],
    [`Bearer ${T},   `, 'invalid'],
    [`Bearer ${T}, Bearer ${T}`, 'invalid'],
    [`Bearer ${T},Bearer ${T}`, 'invalid'],
    [`Basic creds, Bearer ${T}`, 'invalid'],
    [`Bearer ${T}, Basic creds`, 'invalid'],
    [`Bearer ${T}\u00a0`, 'invalid'],
    [`\u00a0Bearer ${T}`, 'invalid'],
    ['\u00a0', 'invalid'],
  ])('of "%s" is %s', async (pattern, outcome) => {
    const authorization = pattern.replaceAll(T, account.accessToken);
    await expectOutcome(outcome, (query) => app.ask(query, { headers: { authorization } }));
  });

  test('that is absent makes the caller anonymous', async () => {
    await expectOutcome('anonymous', app.ask);
  });
});

describe('several Authorization lines in one request', () => {
  let port: number;
  beforeAll(async () => {
    await app.http.listen({ port: 0, host: '127.0.0.1' });
    port = (app.http.server.address() as AddressInfo).port;
  });

  async function askWithLines(query: string, authorization: string[]): Promise<Answer> {
    const sent = request({
      port,
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
    });
    sent.setHeader('Authorization', authorization);
    sent.end(JSON.stringify({ query }));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const { data = null, errors = [] } = (await json(response)) as Partial<Answer>;
    return { status: response.statusCode ?? 0, headers: response.headers, data, errors };
  }

  const T = '<token>';
  test.each<[string, string[], Outcome]>([
    ['one token', [`Bearer ${T}`], 'signed in'],
    ['one token and empty lines', ['', `Bearer ${T}`, ''], 'signed in'],
    ['the same token twice', [`Bearer ${T}`, `Bearer ${T}`], 'invalid'],
    ['a token before garbage', [`Bearer ${T}`, 'Bearer xxx'], 'invalid'],
    ['garbage before a token', ['Bearer xxx', `Bearer ${T}`], 'invalid'],
    ['another scheme before a token', ['Basic creds', `Bearer ${T}`], 'invalid'],
    ['a token before another scheme', [`Bearer ${T}`, 'Basic creds'], 'invalid'],
    ['another scheme and Bearer alone', ['Basic creds', 'Bearer'], 'invalid'],
    ['only empty lines', ['', ''], 'anonymous'],
  ])('with %s: %s is %s', async (_lines, pattern, outcome) => {
    const lines = pattern.map((line) => line.replaceAll(T, account.accessToken));
    await expectOutcome(outcome, (query) => askWithLines(query, lines));
  });
});

test('a fresh and a refreshed access token both open a guarded and an optional field', async () => {
  const refreshed = await refresh(app, account.refreshToken);
  const { sub: id } = claimsOf(account.accessToken);
  for (const { accessToken: token, fresh } of [account, refreshed.data.refresh]) {
    expect(claimsOf(token)['fresh']).toBe(fresh);
    const answer = await app.ask('{ me { id } viewer { id } }', { token });
    expect(answer).toMatchObject({ errors: [], data: { me: { id }, viewer: { id } } });
  }
});

test('an anonymous caller costs no query', async () => {
  const offline = await startApp({ database: untouchableDatabase });
  const answer = await offline.ask('{ viewer { id } me { id } }');
  expect(answer.data).toEqual({ viewer: null, me: null });
  expect(failure(answer)).toEqual(refusals.missing);
  await offline.close();
});

test.each(['access_token', 'accessToken', 'token', 'jwt', 'authorization'])(
  'a token in the URL as %s is never read',
  async (name) => {
    const response = await app.inject({
      method: 'POST',
      url: `/graphql?${name}=${account.accessToken}`,
      payload: { query: '{ viewer { id } me { id } }' },
    });
    const { data, errors } = response.json();
    expect(data).toEqual({ viewer: null, me: null });
    expect(errors).toMatchObject([{ extensions: { reason: 'TOKEN_MISSING' } }]);
    expect(app.logLines.join('')).not.toContain(account.accessToken);
  },
);

test('a token in a cookie, in the body or in another header is never read', async () => {
  const { accessToken } = account;
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      cookie: `access_token=${accessToken}; access_token_cookie=${accessToken}`,
      'proxy-authorization': `Bearer ${accessToken}`,
      'x-authorization': `Bearer ${accessToken}`,
    },
    payload: {
      query: '{ viewer { id } }',
      variables: { access_token: accessToken },
      extensions: { authorization: `Bearer ${accessToken}` },
    },
  });
  expect(response.json()).toEqual({ data: { viewer: null } });
});
