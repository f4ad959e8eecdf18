import { signedIn } from '@sallyport/guards';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import {
  defineServer,
  type Messages,
  type PluginOptions,
  type ServerOptions,
} from '../src/defineServer.ts';
import { ApiError } from '../src/errors.ts';
import { createGuards } from '../src/guards.ts';
import { createSchema } from '../src/schema.ts';
import { type UserRow, users } from '../src/user/table.ts';
import { register, succeeded } from './support/account.ts';
import { failure, startApp, type TestApp } from './support/app.ts';
import { refusals } from './support/refusals.ts';

const named = signedIn<UserRow>(({ user }) =>
  user.fullName
    ? null
    : new ApiError('FORBIDDEN', 'Only with a full name.', { reason: 'NAME_REQUIRED' }),
);

const notice = {
  schema: new URL('./support/notices/notices.graphql', import.meta.url),
  resolvers: {
    Query: { notice: () => ({ text: 'Closed on Monday.' }), board: () => ({ text: 'Open.' }) },
  },
};

let app: TestApp;
let started: TestApp[] = [];
afterEach(async () => {
  await Promise.all(started.map(({ close }) => close()));
  started = [];
});

const start = async (options: ServerOptions, environment = {}) => {
  app = await startApp({
    environment,
    definition: defineServer({ features: [notice], guards: { named }, ...options }),
  });
  started.push(app);
  return app;
};

test('without options, the server has the features of every server', async () => {
  app = await startApp({ definition: defineServer() });
  started.push(app);
  const { data } = await app.ask('{ __schema { queryType { fields { name } } } }');
  const names = data.__schema.queryType.fields.map(({ name }: { name: string }) => name);
  expect(names.toSorted()).toEqual(
    ['apiTokens', 'auditLog', 'me', 'serverTime', 'sessions', 'users', 'viewer'].toSorted(),
  );
});

describe('a feature and a guard of its own', () => {
  test('answer callers whom the guard admits, and refuse others at both doors', async () => {
    const { ask, database } = await start({});
    const { accessToken: token } = await register(app);
    const refused = {
      code: 'FORBIDDEN',
      reason: 'NAME_REQUIRED',
      message: 'Only with a full name.',
    };
    expect(failure(await ask('{ notice { text } }'))).toEqual(refusals.missing);
    const whole = await ask('{ notice { text } }', { token });
    expect([whole.data, failure(whole)]).toEqual([null, refused]);
    const deeper = await ask('{ board { text signature } }', { token });
    expect([deeper.data, failure(deeper)]).toEqual([
      { board: { text: 'Open.', signature: null } },
      refused,
    ]);
    await database.execute(`update users set full_name = 'Ada Lovelace'`);
    expect(succeeded(await ask('{ notice { text } }', { token })).notice).toEqual({
      text: 'Closed on Monday.',
    });
  });

  test('are judged behind the guards of the server', async () => {
    const guards = createGuards({ freshSeconds: 300 }, { named });
    expect(Object.keys(guards)).toEqual([
      'public',
      'optionalAuth',
      'auth',
      'fresh',
      'admin',
      'requiresScopes',
      'self',
      'owner',
      'named',
    ]);
    const schema = createSchema(guards, [notice]);
    expect(schema.getQueryType()?.getFields()['notice']?.description).toContain('@named');
  });
});

describe('messages of its own', () => {
  const german: Record<string, string> = {
    TOKEN_MISSING: 'Bitte melden Sie sich an.',
    GRAPHQL_VALIDATION_FAILED: 'Das geht so nicht.',
    NAME_REQUIRED: 'Nur mit vollem Namen.',
  };
  const messages: Messages = (reason, details, { headers }) => {
    if (!headers['accept-language']?.startsWith('de')) return null;
    if (reason === 'INVALID_CREDENTIALS') throw new Error('the catalogue is gone');
    if (reason === 'BAD_USER_INPUT')
      return `${details['argument']} passt nicht: ${details.message}`;
    return german[reason] ?? null;
  };
  const headers = { 'accept-language': 'de-DE,de;q=0.9' };
  const login = 'mutation { login(username: "eve", password: "no such password") { tokenType } }';

  test.each<[string, string, string, Record<string, unknown>]>([
    [
      'at the first door',
      '{ me { id } }',
      'de',
      { ...refusals.missing, message: german['TOKEN_MISSING'] },
    ],
    [
      'at the second door',
      '{ serverTime me { id } }',
      'de',
      { ...refusals.missing, message: german['TOKEN_MISSING'] },
    ],
    [
      'of a document',
      '{ nobody }',
      'de',
      { code: 'GRAPHQL_VALIDATION_FAILED', message: german['GRAPHQL_VALIDATION_FAILED'] },
    ],
    [
      'with the details of the error',
      'mutation { register(username: "x", password: "correct horse battery") { tokenType } }',
      'de',
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        argument: 'username',
        message: expect.stringMatching(/^username passt nicht: ./),
      }),
    ],
    ['in one language, and not in others', '{ me { id } }', 'en', refusals.missing],
    ['as the server’s own where the function fails', login, 'de', refusals.invalidCredentials],
  ])('are sent %s', async (_where, query, language, expected) => {
    const { ask } = await start({ messages });
    const answer = await ask(query, { headers: { 'accept-language': language } });
    expect(failure(answer)).toEqual(expected);
  });

  test('do not change the challenge, which is ASCII', async () => {
    const { inject } = await start({ messages: () => 'Größe' });
    const { statusCode, headers: sent } = await inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...headers, accept: 'application/graphql-response+json' },
      payload: { query: '{ me { id } }' },
    });
    expect([statusCode, sent['www-authenticate']]).toEqual([401, 'Bearer realm="sallyport"']);
  });

  test('that fail are logged, and the request continues', async () => {
    const { ask, logLines } = await start({ messages });
    await ask(login, { headers });
    const line = logLines.map((text) => JSON.parse(text)).find(({ error }) => error);
    expect(line).toMatchObject({
      msg: 'a message of its own failed',
      error: { message: 'the catalogue is gone' },
    });
  });
});

describe('plugins', () => {
  test('of Fastify add routes and hooks', async () => {
    const { inject, ask } = await start({
      plugins: [
        async (fastify: FastifyInstance) => {
          fastify.get('/hello', async () => ({ hello: 'world' }));
        },
      ],
    });
    expect((await inject({ url: '/hello' })).json()).toEqual({ hello: 'world' });
    expect((await ask('{ serverTime }')).errors).toEqual([]);
  });

  test('of Fastify are given the database', async () => {
    const userCount: FastifyPluginAsync<PluginOptions> = async (fastify, { database }) => {
      fastify.get('/user-count', async () => ({ users: await database.$count(users) }));
    };
    const { inject } = await start({ plugins: [userCount] });
    const count = async () => (await inject({ url: '/user-count' })).json();
    expect(await count()).toEqual({ users: 0 });
    await register(app);
    expect(await count()).toEqual({ users: 1 });
  });

  test('of Apollo Server see operations, and answer nothing that a door refuses', async () => {
    const seen: (string | null)[] = [];
    const { ask } = await start({
      plugins: [
        {
          async requestDidStart() {
            return {
              async didResolveOperation({ operationName }: { operationName: string | null }) {
                seen.push(operationName ?? null);
              },
              async responseForOperation() {
                return { http: { headers: new Map() }, body: { kind: 'single', singleResult: {} } };
              },
            } as never;
          },
        },
      ],
    });
    expect(failure(await ask('query Mine { me { id } }'))).toEqual(refusals.missing);
    expect(seen).toEqual(['Mine']);
  });
});

describe('invalid options are refused at the start', () => {
  test.each<[string, unknown, string]>([
    ['an unknown option', { feature: [] }, 'feature is no option'],
    ['features without SDL', { features: [{ resolvers: {} }] }, 'features must be a list'],
    ['a guard that is no function', { guards: { named: null } }, 'guards must be functions'],
    ['messages that are no function', { messages: { TOKEN_MISSING: 'x' } }, 'messages must be a'],
    ['plugins that are no plugins', { plugins: ['helmet'] }, 'plugins must be a list'],
    ['migrations that are no path', { migrations: 7 }, 'migrations must be the path'],
    ['options that are no object', 'x', 'the options must be an object'],
  ])('%s', (_what, options, message) => {
    expect(() => defineServer(options as ServerOptions)).toThrow(`defineServer: ${message}`);
  });

  test('a guard with the name of one of the server’s', () => {
    const guards = { auth: () => null, admin: () => null };
    expect(() => createGuards({ freshSeconds: 300 }, guards)).toThrow(
      'A guard of your own cannot have the name of @auth, @admin.',
    );
  });

  test('a schema that does not exist', () => {
    const guards = createGuards({ freshSeconds: 300 });
    expect(() => createSchema(guards, [{ schema: 'schema/nothing.graphql' }])).toThrow(
      /The schema file:.*schema\/nothing\.graphql of a feature cannot be read\./,
    );
  });
});
