import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run } from '../support/checkout.ts';
import { killProcesses } from '../support/process.ts';
import { refusals } from '../support/refusals.ts';
import { type Caller, tokens } from './examples/callers.ts';
import { type Installation, installPackage } from './examples/package.ts';
import { challengeOf, type Refusal, scenarios } from './examples/scenarios.ts';
import {
  type Reply,
  type ShopServer,
  send,
  startExample,
  startService,
} from './examples/servers.ts';

const examples = ['apollo', 'yoga', 'mercurius'] as const;
const servers = new Map<string, ShopServer>();
let installation: Installation;
beforeAll(async () => {
  installation = await installPackage();
  const { project } = installation;
  const started = [
    startService(project),
    ...examples.map((name) => startExample(project, `${name}.ts`)),
  ];
  for (const [index, server] of (await Promise.all(started)).entries()) {
    servers.set(['the service', ...examples][index] ?? '', server);
  }
});
afterAll(async () => {
  killProcesses();
  if (installation) await rm(installation.directory, { recursive: true });
});

function serverOf(name: string): ShopServer {
  const server = servers.get(name);
  if (!server) throw new Error(`${name} has not started.`);
  return server;
}

/** All that a caller learns of a refusal, or of its absence. */
function outcomeOf({ status, challenge, body }: Reply) {
  const failures = (body.errors ?? []).map(({ message, extensions }) => ({
    ...extensions,
    message,
  }));
  return { status, challenge, failures, hasData: 'data' in body };
}

const letThrough = { status: 200, challenge: null, failures: [], hasData: true };

function refusedWhole(refusal: Refusal) {
  return { ...challengeOf(refusal), failures: [refusals[refusal]], hasData: false };
}

// The same operations on the service, and on three servers that have nothing of it but the engine.
describe.each(['the service', ...examples])('%s', (name) => {
  const ask = (caller: Caller, query: string, options?: Record<string, string>) =>
    send(serverOf(name), caller, query, options);
  const priceOfChair = async () =>
    (await ask('user', '{ item(name: "chair") { price } }')).body.data;

  test.each(scenarios)(
    'lets each kind of caller through $directive or refuses it, with its reason',
    async ({ before, operation, refused }) => {
      for (const caller of Object.keys(serverOf(name).callers) as Caller[]) {
        const refusal = refused[caller];
        if (before) await ask('fresh admin', before);
        const outcome = outcomeOf(await ask(caller, operation));
        expect({ caller, ...outcome }).toEqual({
          caller,
          ...(refusal ? refusedWhole(refusal) : letThrough),
        });
      }
    },
  );

  test('answers a whole refusal with 200 under application/json', async () => {
    const reply = await ask('anonymous', '{ me { isAdmin } }', { accept: 'application/json' });
    expect(outcomeOf(reply)).toEqual({
      status: 200,
      challenge: null,
      failures: [refusals.missing],
      hasData: false,
    });
  });

  test('removes the refused fields of a query, and leaves their siblings', async () => {
    const reply = await ask(
      'anonymous',
      '{ me { isAdmin } viewer { isAdmin } items { edges { node { name price } } } }',
    );
    const prices = reply.body.errors?.length ?? 0;
    expect(outcomeOf(reply)).toEqual({
      ...letThrough,
      failures: Array(prices).fill(refusals.missing),
    });
    expect(reply.body.data).toMatchObject({
      me: null,
      viewer: null,
      items: { edges: expect.arrayContaining([{ node: { name: 'chair', price: null } }]) },
    });
  });

  test('guards a field deeper down by its own directive', async () => {
    const query = '{ me { isAdmin active } }';
    const [plain, admin] = [await ask('user', query), await ask('admin', query)];
    expect(outcomeOf(plain)).toEqual({ ...letThrough, failures: [refusals.adminRequired] });
    expect(plain.body.data).toEqual({ me: { isAdmin: false, active: null } });
    expect(admin.body).toEqual({ data: { me: { isAdmin: true, active: true } } });
  });

  test.each([
    ['by two names', '{ a: me { isAdmin } b: viewer { isAdmin } c: me { isAdmin } }'],
    [
      'in fragments',
      '{ ...F ... on Query { me { isAdmin } } } fragment F on Query { viewer { isAdmin } }',
    ],
    ['under @skip', '{ me @skip(if: true) { isAdmin } viewer { isAdmin } }'],
  ])('refuses whole a query that is refused at each root field, %s', async (_how, query) => {
    expect(outcomeOf(await ask('expired', query))).toEqual(refusedWhole('expired'));
  });

  test('judges the named operation', async () => {
    const query = 'query Open { serverTime } query Guarded { me { isAdmin } }';
    const asked = (operationName: string) => ask('anonymous', query, { operationName });
    // Mercurius tells no hook which one that is, so all of them are judged.
    const isKnown = name !== 'mercurius';
    expect(outcomeOf(await asked('Open'))).toEqual(isKnown ? letThrough : refusedWhole('missing'));
    expect(outcomeOf(await asked('Guarded'))).toEqual(refusedWhole('missing'));
  });

  test('runs nothing of a mutation of which one field is refused', async () => {
    const mutation =
      'mutation { updateItem(name: "chair", price: 9) { price } deleteItem(name: "chair") }';
    expect(outcomeOf(await ask('user', mutation))).toEqual(refusedWhole('adminRequired'));
    expect(await priceOfChair()).toEqual({ item: { price: 4.5 } });
  });

  test('runs both of two mutations with aliases, or neither', async () => {
    const mutation =
      'mutation { a: updateItem(name: "chair", price: 9) { name } b: updateItem(name: "chair", price: 4.5) { name } }';
    const refused = await ask('anonymous', mutation);
    expect(outcomeOf(refused)).toEqual(refusedWhole('missing'));
    expect(refused.body.errors?.[0]?.locations).toHaveLength(2);
    expect((await ask('user', mutation)).body).toEqual({
      data: { a: { name: 'chair' }, b: { name: 'chair' } },
    });
    expect(await priceOfChair()).toEqual({ item: { price: 4.5 } });
  });
});

describe('a subscription over server-sent events', () => {
  async function subscribe(caller: Caller) {
    const { url, callers } = serverOf('yoga');
    const authorization = callers[caller];
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        ...(authorization && { authorization }),
      },
      body: JSON.stringify({ query: 'subscription { itemUpdated { name price } }' }),
    });
    return response.body?.pipeThrough(new TextDecoderStream()).getReader();
  }

  async function firstEvent(reader: Awaited<ReturnType<typeof subscribe>>): Promise<unknown> {
    let text = '';
    for (;;) {
      const { value = '', done } = (await reader?.read()) ?? { done: true };
      text += value;
      const event = /event: next\ndata: (.*)\n/.exec(text)?.[1];
      if (event) return JSON.parse(event);
      if (done) return null;
    }
  }

  test('sends its events to a user', async () => {
    const reader = await subscribe('user');
    const mutation = 'mutation { updateItem(name: "chair", price: 4.5) { price } }';
    await send(serverOf('yoga'), 'user', mutation);
    expect(await firstEvent(reader)).toEqual({
      data: { itemUpdated: { name: 'chair', price: 4.5 } },
    });
    await reader?.cancel();
  });

  test('is refused before its event source opens', async () => {
    // With a path, the second door would have refused it.
    expect(await firstEvent(await subscribe('revoked'))).toEqual({
      errors: [
        {
          message: refusals.revoked.message,
          locations: [{ line: 1, column: 16 }],
          extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_REVOKED' },
        },
      ],
    });
  });
});

describe('the package', () => {
  test('contains exactly the published files and folders', () => {
    expect(installation.contents).toEqual([
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'drizzle',
      'package.json',
      'schema',
      'src',
    ]);
  });

  const program = (...args: string[]) =>
    run(installation.project, 'npx', '--offline', 'sallyport', ...args);

  test('has the commands of the service', async () => {
    const [help, access] = await Promise.all([program('--help'), program('access')]);
    expect(help).toMatch(/serve.*user.*access.*explain/s);
    expect(access).toContain('`Query.me`');
  });

  test('has types that a strict program compiles with', async () => {
    const { project } = installation;
    await writeFile(join(project, 'server.ts'), typed);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      noEmit: true,
      types: ['node'],
      // The declarations of drizzle-orm, which those of the tables need, name drivers that nobody installs together.
      skipLibCheck: true,
    };
    const settings = JSON.stringify({ compilerOptions, files: ['server.ts'] });
    await writeFile(join(project, 'tsconfig.json'), settings);
    expect(await run(project, join(root, 'node_modules/.bin/tsc'))).toBe('');
  });
});

// Last, because it ends them.
describe('before it ends', () => {
  test.each(examples)('%s has printed its address, and tokens to try', async (name) => {
    const { stdout } = await serverOf(name).end();
    expect(stdout).toContain('The shop is at http://127.0.0.1:');
    const given = [...stdout.matchAll(/^(\w+): Bearer (\S+)$/gm)].map(([, user, token = '']) => {
      return [user, tokens.verifyAccess(token, new Date())];
    });
    expect(given).toEqual([
      ['ada', { claims: expect.objectContaining({ sub: '1' }) }],
      ['root', { claims: expect.objectContaining({ sub: '2' }) }],
      ['carl', { claims: expect.objectContaining({ sub: '3' }) }],
    ]);
  });

  test('the service finishes its requests', async () => {
    expect((await serverOf('the service').end()).exitCode).toBe(0);
  });
});

const typed = `
import type { GraphQLSchema } from 'graphql';
import { type Authentication, authGuards, guardSchema, signedIn } from 'sallyport';

declare const schema: GraphQLSchema;
const verified = signedIn<{ verified: boolean }>(({ user }) => (user.verified ? null : null));
const guarded: GraphQLSchema = guardSchema(schema, {
  guards: { ...authGuards({ freshSeconds: 300 }), verified },
});
// @ts-expect-error: types are there, so this does not pass.
guardSchema(guarded, { guards: 'none' });
const caller: Authentication<{ id: string }> = { status: 'anonymous' };
void caller;
`;
