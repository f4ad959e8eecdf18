import { pairFields, register } from '../support/account.ts';
import { password, startApp, type TestApp } from '../support/app.ts';
import { cookieHeader, setCookies } from '../support/cookieJar.ts';

export const withCookies = { JWT_TOKEN_LOCATION: 'headers,cookies' };
export const withAccess = { ...withCookies, JWT_ACCESS_COOKIE: 'true' };
export const own = { 'sec-fetch-site': 'same-origin' };

export let app: TestApp;
let username: string;

/** Starts a server with both cookies, and an account on it. */
export async function openApp(): Promise<void> {
  app = await startApp({ environment: withAccess });
  ({ username } = await register(app));
}

export async function closeApp(): Promise<void> {
  await app.close();
}

export async function withNode(
  environment: Record<string, string>,
  use: (node: TestApp) => Promise<void>,
): Promise<void> {
  const node = await startApp({ environment, database: app.database, clock: app.clock });
  try {
    await use(node);
  } finally {
    await node.close();
  }
}

export function send(
  node: TestApp,
  query: string,
  {
    path = '/graphql',
    cookie,
    headers = {},
  }: {
    path?: string;
    cookie?: string | Record<string, string>;
    headers?: Record<string, string>;
  } = {},
) {
  const text = typeof cookie === 'object' ? cookieHeader(cookie) : cookie;
  return node.inject({
    method: 'POST',
    url: path,
    headers: { ...(text !== undefined && { cookie: text }), ...headers },
    payload: { query },
  });
}

export const login = () =>
  `mutation { login(username: "${username}", password: "${password}") { ${pairFields} } }`;

/** Signs in with cookies, and returns them by their names. */
export async function signIn(node: TestApp, headers: Record<string, string> = {}) {
  const answer = await send(node, login(), {
    headers: { 'x-token-location': 'cookies', ...headers },
  });
  const cookies = setCookies(answer);
  const jar = Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
  return { answer, cookies, jar, pair: answer.json().data?.login };
}

export const refresh = `mutation { refresh { ${pairFields} } }`;
export const atRefresh = (cookie: string | Record<string, string>, headers = {}) => ({
  path: '/graphql/refresh',
  cookie,
  headers: { ...own, ...headers },
});
export const reasonOf = (answer: { json(): { errors?: { extensions: { reason?: string } }[] } }) =>
  answer.json().errors?.[0]?.extensions.reason;
export const clearedIn = (answer: Parameters<typeof setCookies>[0]) =>
  setCookies(answer)
    .filter(({ value, maxAgeSeconds }) => value === '' && maxAgeSeconds === 0)
    .map(({ name }) => name)
    .sort();

export const all = ['sallyport_access', 'sallyport_csrf', 'sallyport_refresh'];
