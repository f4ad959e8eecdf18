import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { claimsOf, pairFields, register } from '../support/account.ts';
import { password, startApp, type TestApp } from '../support/app.ts';
import { cookieHeader, setCookies } from '../support/cookieJar.ts';

// Whom a request is taken for, in every combination of what it can come with. What is expected is in the tables below
// and nowhere else: each row of `pages` is a value of Sec-Fetch-Site, each column one of Origin.

const origins = {
  own: 'http://localhost:80',
  allowed: 'https://shop.example',
  foreign: 'https://evil.example',
  opaque: 'null',
  absent: undefined,
} as const;
type Origin = keyof typeof origins;

const [ours, theirs, nobody] = ['ours', 'theirs', 'nobody'] as const;
type Page = typeof ours | typeof theirs | typeof nobody;

const pages: Record<string, Record<Origin, Page>> = {
  'same-origin': { own: ours, allowed: ours, foreign: ours, opaque: ours, absent: ours },
  'same-site': { own: theirs, allowed: ours, foreign: theirs, opaque: theirs, absent: theirs },
  'cross-site': { own: theirs, allowed: ours, foreign: theirs, opaque: theirs, absent: theirs },
  none: { own: nobody, allowed: ours, foreign: nobody, opaque: nobody, absent: nobody },
  absent: { own: ours, allowed: ours, foreign: theirs, opaque: theirs, absent: nobody },
};

interface Scenario {
  readonly header: 'absent' | 'good' | 'broken';
  readonly access: boolean;
  readonly refresh: boolean;
  readonly site: string;
  readonly origin: Origin;
  readonly csrf: 'right' | 'wrong' | 'absent';
}

const operations = {
  query: '{ me { id } }',
  // Refused for its argument, once the caller is known: it changes nothing.
  change: 'mutation { revokeApiToken(id: "00000000-0000-4000-8000-000000000000") }',
  refresh: 'mutation { refresh { refreshToken } }',
} as const;
type Operation = keyof typeof operations;

type Method = 'GET' | 'POST';
type Path = '/graphql' | '/graphql/refresh';

/** What comes of it: the status of a request that is not looked into, else a reason, else what was done. */
function expected(scenario: Scenario, method: Method, path: Path, operation: Operation): string {
  const { header, access, refresh, csrf } = scenario;
  const page = pages[scenario.site]?.[scenario.origin];
  if (method === 'GET' && path === '/graphql/refresh') return '405';
  if (method === 'GET' && page === theirs) return '403';
  if (method === 'GET' && operation !== 'query') return '405';
  if (header === 'broken') return 'TOKEN_INVALID';
  if (operation === 'refresh') {
    if (header === 'good') return 'TOKEN_WRONG_TYPE';
    if (!refresh || path === '/graphql') return 'TOKEN_MISSING';
    return page === ours ? 'done' : 'CSRF_FAILED';
  }
  if (header === 'good') return 'done';
  if (!access) return 'TOKEN_MISSING';
  if (page !== ours) return 'CSRF_FAILED';
  return operation === 'query' || csrf === 'right' ? 'done' : 'CSRF_FAILED';
}

const flags = [false, true];
const scenarios: readonly Scenario[] = (['absent', 'good', 'broken'] as const).flatMap((header) =>
  flags.flatMap((access) =>
    flags.flatMap((refresh) =>
      Object.keys(pages).flatMap((site) =>
        (Object.keys(origins) as Origin[]).flatMap((origin) =>
          (['right', 'wrong', 'absent'] as const).map((csrf) => ({
            header,
            access,
            refresh,
            site,
            origin,
            csrf,
          })),
        ),
      ),
    ),
  ),
);

let app: TestApp;
let cookies: Record<string, string>;
let csrfToken: string;
beforeAll(async () => {
  app = await startApp({
    environment: {
      JWT_TOKEN_LOCATION: 'headers,cookies',
      JWT_ACCESS_COOKIE: 'true',
      CORS_ORIGINS: 'https://shop.example',
    },
  });
  const { username } = await register(app);
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'x-token-location': 'cookies' },
    payload: {
      query: `mutation { login(username: "${username}", password: "${password}") { ${pairFields} } }`,
    },
  });
  cookies = Object.fromEntries(setCookies(answer).map(({ name, value }) => [name, value]));
  csrfToken = cookies['sallyport_csrf'] ?? '';
});
afterAll(() => app.close());

async function outcome(
  { header, access, refresh, site, origin, csrf }: Scenario,
  method: Method,
  path: Path,
  operation: Operation,
): Promise<string> {
  const { sallyport_access: accessToken = '', sallyport_refresh: refreshToken = '' } = cookies;
  const sent = {
    ...(access && { sallyport_access: accessToken }),
    ...(refresh && { sallyport_refresh: refreshToken }),
  };
  const authorization = { absent: undefined, good: `Bearer ${accessToken}`, broken: 'Bearer a b' };
  const csrfHeader = { right: csrfToken, wrong: `${csrfToken.slice(0, -1)}x`, absent: undefined };
  const headers = {
    host: 'localhost:80',
    authorization: authorization[header],
    cookie: access || refresh ? cookieHeader(sent) : undefined,
    origin: origins[origin],
    'sec-fetch-site': site === 'absent' ? undefined : site,
    'x-csrf-token': csrfHeader[csrf],
  };
  const query = operations[operation];
  const response = await app.inject({
    method,
    url: method === 'GET' ? `${path}?query=${encodeURIComponent(query)}` : path,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    ...(method === 'POST' && { payload: { query } }),
  });
  if (response.statusCode !== 200) return String(response.statusCode);
  const { data, errors = [] } = response.json();
  const [{ code, reason = code } = { code: null }] = errors.map(
    ({ extensions }: { extensions: object }) => extensions,
  );
  const isDone = reason === null || reason === 'NOT_FOUND';
  // Only a refresh that is done gives cookies, and no refusal of these takes any.
  const given = setCookies(response).filter(({ value }) => value !== '').length;
  expect(given).toBe(isDone && operation === 'refresh' ? 3 : 0);
  if (isDone && operation === 'refresh') expect(data.refresh).toEqual({ refreshToken: null });
  return isDone ? 'done' : reason;
}

describe.each<[Method, Path]>([
  ['POST', '/graphql'],
  ['POST', '/graphql/refresh'],
  ['GET', '/graphql'],
  ['GET', '/graphql/refresh'],
])('%s %s', (method, path) => {
  test.each(Object.keys(operations) as Operation[])(
    'with %s is answered as the table says, for each combination of headers and cookies',
    async (operation) => {
      // Refreshes of one session are counted.
      await app.database.update(sessions).set({ refreshCount: 0 });
      const wrong: object[] = [];
      for (let start = 0; start < scenarios.length; start += 50) {
        const some = scenarios.slice(start, start + 50);
        const outcomes = await Promise.all(
          some.map((scenario) => outcome(scenario, method, path, operation)),
        );
        for (const [index, got] of outcomes.entries()) {
          const scenario = some[index] as Scenario;
          const wanted = expected(scenario, method, path, operation);
          if (got !== wanted) wrong.push({ ...scenario, got, wanted });
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

test('the tokens and the cookies of the scenarios are of one session', () => {
  expect(Object.keys(cookies).sort()).toEqual([
    'sallyport_access',
    'sallyport_csrf',
    'sallyport_refresh',
  ]);
  expect(claimsOf(cookies['sallyport_access'] ?? '')['csrf']).toBe(csrfToken);
  expect(scenarios).toHaveLength(3 * 2 * 2 * 5 * 5 * 3);
});
