import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SessionFetch } from '../../src/index.ts';
import { readOperation } from '../../src/operation.ts';
import {
  createItem,
  deviceClock,
  itemName,
  openTab,
  type Service,
  signUp,
  startService,
} from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => service.wire.forget());
afterAll(() => service.close());

const expired = { message: 'x', extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' } };
const json = (body: unknown) => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(body),
});

async function openSignedIn() {
  const clock = deviceClock(service.app);
  const tab = openTab(service, { clock });
  await signUp(tab, service);
  return { tab, clock };
}

describe('the client repeats only operations that did not run', () => {
  test('a mutation that was refused whole is repeated', async () => {
    const { tab, clock } = await openSignedIn();
    service.app.clock.advance(1000);
    clock.offsetSeconds = -1000;
    expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
    const runs = service.wire.passages.filter(({ field }) => field === 'createItem');
    expect(runs.map(({ ran }) => ran)).toEqual([false, false, true]);
  });

  test.each([
    ['with a field that ran', { createItem: null, logoutEverywhere: 1 }],
    ['whose data are null', null],
  ])('a mutation with data is not repeated, %s', async (_name, data) => {
    const { tab } = await openSignedIn();
    service.wire.plan('createItem', json({ data, errors: [expired] }));
    expect((await tab.ask(createItem, { name: 'x' })).errors).toEqual([expired]);
    expect(service.wire.passages.map(({ field }) => field)).toEqual(['createItem']);
  });

  test('a mutation whose answer is lost is not repeated, because it may have run', async () => {
    const { tab } = await openSignedIn();
    service.wire.plan('createItem', 'cutAfter');
    await expect(tab.ask(createItem, { name: itemName() })).rejects.toThrow(TypeError);
    expect(service.wire.passages.map(({ field, ran }) => [field, ran])).toEqual([
      ['createItem', true],
    ]);
  });

  test('a server that refuses every request is asked six times', async () => {
    const { tab } = await openSignedIn();
    service.wire.plan('me', ...Array(20).fill(json({ errors: [expired] })));
    const { errors } = await tab.ask('{ me { username } }');
    expect(errors).toEqual([expired]);
    expect(service.wire.count('me')).toBe(6);
    expect(tab.ends).toEqual([]);
  });

  test('a refusal for another reason is returned to the caller', async () => {
    const { tab } = await openSignedIn();
    const { errors } = await tab.ask('mutation { deleteItem(name: "x") }');
    expect(errors).toMatchObject([{ extensions: { reason: 'ADMIN_REQUIRED' } }]);
    expect(service.wire.passages).toHaveLength(1);
  });

  test('a code without a reason causes no repeat', async () => {
    const { tab } = await openSignedIn();
    const error = { message: 'x', extensions: { code: 'UNAUTHENTICATED' } };
    service.wire.plan('me', json({ errors: [error] }));
    expect((await tab.ask('{ me { username } }')).errors).toEqual([error]);
    expect(service.wire.passages).toHaveLength(1);
  });
});

describe('the client leaves alone', () => {
  test.each([
    [
      'login',
      'mutation { login(username: "x", password: "wrong wrong wrong") { fresh } }',
      'INVALID_CREDENTIALS',
    ],
    ['refresh', 'mutation { refresh(refreshToken: "x") { fresh } }', 'TOKEN_INVALID'],
    ['logout', 'mutation { out: logout(refreshToken: "x") }', 'TOKEN_INVALID'],
  ])('%s', async (field, document, reason) => {
    const { tab } = await openSignedIn();
    service.app.clock.advance(1000);
    const { errors } = await tab.ask(document);
    expect(errors).toMatchObject([{ extensions: { reason } }]);
    expect(service.wire.passages.map((passage) => passage.field)).toEqual([field]);
    expect(tab.session.state.status).toBe('signedIn');
  });

  test('a request with an Authorization header', async () => {
    const { tab } = await openSignedIn();
    const headers = { 'content-type': 'application/json', authorization: 'Bearer x.y.z' };
    const { errors } = await tab.ask('{ me { username } }', {}, { headers });
    expect(errors).toMatchObject([{ extensions: { reason: 'TOKEN_INVALID' } }]);
    expect(service.wire.passages).toHaveLength(1);
  });

  test.each(['https://elsewhere.example/graphql', 'http://127.0.0.1:1/graphql', '/graphql', '//x'])(
    'other addresses: %s is sent nothing',
    async (url) => {
      const sent: unknown[] = [];
      const fetch = async (input: unknown) => {
        sent.push(input);
        return new Response('{}');
      };
      const { session } = openTab(service, { fetch });
      await expect(session.fetch(url)).rejects.toThrow('This session is for');
      expect(sent).toEqual([]);
    },
  );

  test('an answer that is not GraphQL', async () => {
    const { tab } = await openSignedIn();
    service.wire.plan('me', { status: 502, body: '"errors"' });
    const response = await tab.session.fetch(service.wire.url, {
      method: 'POST',
      body: '{"query":"{ me { username } }"}',
    });
    expect([response.status, await response.text()]).toEqual([502, '"errors"']);
    service.wire.plan('me', { status: 200, type: 'application/json', body: '{"errors":' });
    await expect(tab.ask('{ me { username } }')).rejects.toThrow(SyntaxError);
  });
});

type FetchArguments = Parameters<SessionFetch>;

describe('session.fetch takes a request in every form that fetch does', () => {
  const body = JSON.stringify({ query: '{ me { username } }' });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  test.each([
    ['a text', (url: string): FetchArguments => [url, init]],
    ['a URL', (url: string): FetchArguments => [new URL(url), init]],
    ['a Request', (url: string): FetchArguments => [new Request(url, init)]],
    [
      'Headers',
      (url: string): FetchArguments => [url, { ...init, headers: new Headers(init.headers) }],
    ],
  ])('%s', async (_name, make) => {
    const { tab, clock } = await openSignedIn();
    service.app.clock.advance(1000);
    clock.offsetSeconds = -1000;
    const [input, more] = make(service.wire.url);
    const response = await tab.session.fetch(input, more);
    expect(await response.json()).toMatchObject({ data: { me: { username: expect.any(String) } } });
    expect(service.wire.passages.map(({ field }) => field)).toEqual(['me', 'refresh', 'me']);
  });
});

test.each([
  ['{ me { id } }', { kind: 'query', name: null, words: ['me'] }],
  [
    'query A($x: Int = 1) @live { a(x: {b: [1]}) b { c } }',
    { kind: 'query', name: 'A', words: ['a', 'b'] },
  ],
  [
    'mutation M { x: login(a: "}{ \\" # no") { b } }',
    { kind: 'mutation', name: 'M', words: ['login'] },
  ],
  [
    '# mutation {\n"""mutation { """ mutation { refresh }',
    { kind: 'mutation', name: null, words: ['refresh'] },
  ],
  [
    'mutation M { a(b: """ \\""" } """) @skip(if: $no) ...F }',
    { kind: 'mutation', name: 'M', words: ['a', 'F'] },
  ],
  ['fragment F on Q { a } subscription S { b }', { kind: 'subscription', name: 'S', words: ['b'] }],
  ['fragment mutation on Q { a } { b }', { kind: 'query', name: null, words: ['b'] }],
  ['', { kind: null, name: null, words: [] }],
  ['}}} {{{ (((', { kind: null, name: null, words: [] }],
])('the kind of the operation %s is recognized', (query, operation) => {
  expect(readOperation('/graphql', JSON.stringify({ query }))).toEqual(operation);
  expect(readOperation(`/graphql?${new URLSearchParams({ query })}`, null)).toEqual(operation);
});

test('of several operations, the kind of the named one counts', () => {
  const query = 'query A { a } mutation B { b }';
  const kinds = ['A', 'B'].map((operationName) =>
    readOperation('/graphql', JSON.stringify({ query, operationName })),
  );
  expect(kinds.map(({ kind }) => kind)).toEqual(['query', 'mutation']);
  for (const body of [
    '',
    'x',
    'null',
    '[]',
    '[{"query":"{ a }"}]',
    '{"query":1}',
    new FormData(),
  ]) {
    expect(readOperation('/graphql', body)).toEqual({ kind: null, name: null, words: [] });
  }
});
