import { describe, expect, test } from 'vitest';
import { documentOf, linkTo } from '../src/documents/documentLink.ts';
import { pageStorage } from '../src/documents/pageStorage.ts';
import { withoutSecrets } from '../src/documents/withoutSecrets.ts';

const secret = 'correct horse battery';
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

/** Documents in which something secret stands, half written ones among them. */
const secretive = [
  { query: `mutation { login(username: "ada", password: "${secret}") { fresh } }`, variables: '' },
  { query: `mutation { login(username: "ada", password: "${secret}`, variables: '' },
  { query: `mutation { changePassword(newPassword: """${secret}""") { fresh } }`, variables: '' },
  {
    query: `mutation ($p: String! = "${secret}") { freshLogin(password: $p) { fresh } }`,
    variables: '',
  },
  {
    query: 'mutation ($p: String!) { freshLogin(password: $p) { fresh } }',
    variables: `{ "p": "${secret}" }`,
  },
  { query: '', variables: `{ "password": "${secret}` },
  {
    query: `mutation { login(username: "ada", password: """\n  ${secret}\n  """) { fresh } }`,
    variables: '',
  },
  { query: `mutation { freshLogin(password: """x\\"""${secret}""") { fresh } }`, variables: '' },
  { query: `# password of ada: ${secret}\n{ me { username } }`, variables: '' },
  { query: `{ a } # password: ${secret}`, variables: '' },
  { query: `mutation { freshLogin(password # mine\n: "${secret}") { fresh } }`, variables: '' },
  { query: `mutation { freshLogin(password "${secret}" ) { fresh } }`, variables: '' },
  { query: `mutation { freshLogin(password: "${secret}\n") { fresh } }`, variables: '' },
  { query: `mutation { refresh(refreshToken: "${token}") { fresh } }`, variables: '' },
  { query: `# ${token}\n{ serverTime }`, variables: '' },
  { query: 'query ($a: String) { item(name: $a) { id } }', variables: `{ "a": "${token}" }` },
];

describe.each(secretive)('storing $query with $variables', (document) => {
  test('neither the stored document nor a link contains the secret', () => {
    const storage = memory();
    pageStorage(storage).setItem(
      'graphiql:tabState',
      JSON.stringify({
        activeTabIndex: 0,
        tabs: [{ ...document, headers: secret, response: secret }],
      }),
    );
    for (const key of ['query', 'variables', 'headers']) {
      pageStorage(storage).setItem(`graphiql:${key}`, `${document.query}${document.variables}`);
    }
    const kept =
      JSON.stringify([...storage.entries()]) + linkTo(document, 'http://localhost/graphql');
    expect(decodeURIComponent(kept.replaceAll('+', ' '))).not.toContain(secret);
    expect(kept).not.toContain(token);
  });
});

test('an API token is not stored', () => {
  const query = '{ item(name: "sp_abcdefghijklmnopqrstuvwxyz0123456789") { id } }';
  expect(withoutSecrets({ query, variables: '' }).query).toBe('{ item(name: "…") { id } }');
});

test('the text around a secret is stored', () => {
  const query = `mutation { login(username: "ada", password: """${secret}""") { fresh } } # who`;
  expect(withoutSecrets({ query, variables: '' }).query).toBe(
    'mutation { login(username: "", password: "") { fresh } } #',
  );
});

test.each([
  'mutation { createApiToken(name: "ci") { token } }',
  '# @fresh: only shortly after a password check.\n{ item(name: "chair") { id } }',
  '{ item(name: "half written',
])('a document that only mentions secrets is stored unchanged: %s', (query) => {
  expect(withoutSecrets({ query, variables: '' }).query).toBe(query);
});

test('values that are no secrets are stored unchanged', () => {
  const document = { query: '{ item(name: "chair") { id } }', variables: '{ "a": "b" }' };
  expect(withoutSecrets(document)).toEqual(document);
  expect(documentOf(linkTo(document, 'http://localhost/api/graphql?x=1#y'))).toEqual(document);
  expect(linkTo(document, 'http://localhost/api/graphql?x=1#y')).toMatch(
    /^http:..localhost.api.graphql#query=/,
  );
});

test('a link without a document opens none', () => {
  expect(documentOf('http://localhost/graphql')).toBe(null);
  expect(documentOf('http://localhost/graphql#section')).toBe(null);
});

test('after a reload the editors show the tab that was open', () => {
  const storage = memory();
  const tabs = [
    { query: '{ serverTime }', variables: '' },
    { query: '{ viewer { id } }', variables: '{ "a": 1 }' },
  ];
  pageStorage(storage).setItem('graphiql:tabState', JSON.stringify({ activeTabIndex: 1, tabs }));
  expect(pageStorage(storage).getItem('graphiql:query')).toBe('{ viewer { id } }');
  expect(pageStorage(storage).getItem('graphiql:variables')).toBe('{ "a": 1 }');
});

test.each([null, 'not JSON', 'null', '{"tabs":{}}'])(
  'where no tabs are stored (%s), no tab is open',
  (stored) => {
    const storage = memory();
    if (stored) storage.setItem('graphiql:tabState', stored);
    expect(pageStorage(storage).getItem('graphiql:query')).toBe(null);
  },
);

function memory() {
  const entries = new Map<string, string>();
  return {
    entries: () => entries.entries(),
    get length() {
      return entries.size;
    },
    key: () => null,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
    clear: () => entries.clear(),
  };
}
