import { join } from 'node:path';
import { claimsOf } from '../../support/account.ts';
import { password, secretKey } from '../../support/app.ts';
import { copyDataDir, type EndedProcess, startProcess } from '../../support/process.ts';
import { type Caller, type Callers, createCallers, type Session } from './callers.ts';

/** A server that has the operations of the shop, with every kind of caller. */
export interface ShopServer {
  readonly url: string;
  readonly callers: Callers;
  readonly end: () => Promise<EndedProcess>;
}

/** Starts one of the examples in a project that has the package. */
export async function startExample(project: string, file: string): Promise<ShopServer> {
  const args = ['--import', 'tsx', join('examples', file)];
  const server = await startProcess({ JWT_SECRET_KEY: secretKey }, { args, cwd: project });
  const callers = createCallers(
    {
      user: { sub: '1', sid: 'laptop' },
      admin: { sub: '2', sid: 'desk' },
      ended: { sub: '1', sid: 'lost phone' },
      disabled: { sub: '3', sid: 'phone' },
    },
    new Date(),
  );
  return { url: server.url, callers, end: () => server.end('SIGTERM') };
}

/** Starts the service of the package, with the item that the examples have from the start. */
export async function startService(project: string): Promise<ShopServer> {
  const service = await startProcess(
    {
      JWT_SECRET_KEY: secretKey,
      DATA_DIR: copyDataDir(join(project, 'data')),
      ADMIN_USERNAME: 'root',
      ADMIN_PASSWORD: password,
    },
    { args: ['node_modules/.bin/sallyport'], cwd: project },
  );
  const credentials = (username: string) => `username: "${username}", password: "${password}"`;
  const mutate = async (fields: string, token = '') => {
    const answer = await service.ask(`mutation { ${fields} }`, { token });
    if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  const register = async (username: string): Promise<string> =>
    (await mutate(`register(${credentials(username)}) { accessToken }`)).register.accessToken;
  const { login } = await mutate(`login(${credentials('root')}) { accessToken }`);
  const [admin, user, ended, disabled] = [
    login.accessToken,
    await register('ada'),
    await register('eve'),
    await register('carl'),
  ];
  await mutate('logout', ended);
  await mutate(`setUserActive(id: "${claimsOf(disabled)['sub']}", active: false) { id }`, admin);
  await mutate('createItem(name: "chair", price: 4.5) { name }', admin);
  const sessionOf = (token: string) => claimsOf(token) as Record<keyof Session, string>;
  const sessions = {
    user: sessionOf(user),
    admin: sessionOf(admin),
    ended: sessionOf(ended),
    disabled: sessionOf(disabled),
  };
  return {
    url: service.url,
    callers: createCallers(sessions, new Date()),
    end: () => service.end('SIGTERM'),
  };
}

/** What came back for an operation. */
export interface Reply {
  readonly status: number;
  /** `WWW-Authenticate`, without the name of the server. */
  readonly challenge: string | null;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly { message: string; extensions: object; locations: unknown[] }[];
  };
}

export async function send(
  { url, callers }: ShopServer,
  caller: Caller,
  query: string,
  { accept = 'application/graphql-response+json', ...rest }: Record<string, string> = {},
): Promise<Reply> {
  const authorization = callers[caller];
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept,
      'content-type': 'application/json',
      ...(authorization && { authorization }),
    },
    body: JSON.stringify({ query, ...rest }),
  });
  const challenge = response.headers.get('www-authenticate');
  return {
    status: response.status,
    challenge: challenge?.replace(/realm="(sallyport|shop)"/, 'realm') ?? null,
    body: (await response.json()) as Reply['body'],
  };
}
