import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Pair, refresh, register, succeeded } from '../support/account.ts';
import { failure, secretKey, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const newSecret = 'the secret that comes after the first, just as long';

type Environment = Record<string, string>;

let nodes: { A: TestApp; B: TestApp };
beforeAll(async () => {
  const A = await startApp();
  nodes = { A, B: await startApp({ database: A.database, clock: A.clock }) };
});
afterAll(async () => {
  await nodes.B.close();
  await nodes.A.close();
});

const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
const kidsOf = ({ accessToken, refreshToken }: Pair) =>
  [accessToken, refreshToken].map((token) => headerOf(token)['kid']);

const me = ({ ask }: TestApp, { accessToken }: Pair) =>
  ask('{ me { id } }', { token: accessToken });

/** A pair that a node makes now. */
async function newPair(node: TestApp, { refreshToken }: Pair): Promise<Pair> {
  return succeeded(await refresh(node, refreshToken)).refresh;
}

async function publishedKids(node: TestApp): Promise<unknown[]> {
  const { keys } = (await node.inject({ url: '/.well-known/jwks.json' })).json();
  return keys.map(({ kid }: { kid: unknown }) => kid);
}

function lastLine({ logLines }: TestApp): Record<string, unknown> {
  return JSON.parse(logLines.at(-1) ?? '{}');
}

const linesSince = ({ logLines }: TestApp, count: number): Record<string, unknown>[] =>
  logLines.slice(count).map((line) => JSON.parse(line));

const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const [oldPem, newPem] = [pem(), pem()];

// What each node is set to: before, with the new key announced, switched to it, and with the old one retired.
const exchanges: [string, [Environment, Environment, Environment, Environment]][] = [
  [
    'the secret',
    [
      {},
      { JWT_SECRET_KEY_NEXT: newSecret },
      { JWT_SECRET_KEY: newSecret, JWT_SECRET_KEY_PREVIOUS: secretKey },
      { JWT_SECRET_KEY: newSecret },
    ],
  ],
  [
    'the private key',
    [
      { JWT_PRIVATE_KEY: oldPem },
      { JWT_PRIVATE_KEY: oldPem, JWT_PRIVATE_KEY_NEXT: newPem },
      { JWT_PRIVATE_KEY: newPem, JWT_PRIVATE_KEY_PREVIOUS: oldPem },
      { JWT_PRIVATE_KEY: newPem },
    ],
  ],
  [
    'the secret, from which a private key takes over, and that',
    [
      {},
      { JWT_SECRET_KEY_NEXT: newSecret, JWT_PRIVATE_KEY_NEXT: newPem },
      {
        JWT_SECRET_KEY: newSecret,
        JWT_PRIVATE_KEY: newPem,
        JWT_SECRET_KEY_PREVIOUS: secretKey,
      },
      { JWT_SECRET_KEY: newSecret, JWT_PRIVATE_KEY: newPem },
    ],
  ],
];

const nodeNames = ['A', 'B'] as const;
const turns = ['A before B', 'B before A'] as const;
const orders = turns.flatMap((announced) =>
  turns.flatMap((switched) => turns.map((retired) => [announced, switched, retired] as const)),
);

describe.each(exchanges)('while %s is exchanged', (_what, steps) => {
  beforeEach(() => {
    for (const name of nodeNames) nodes[name].rereadKeys(steps[0]);
  });

  test.each(orders)(
    'no node meets a token with an unknown key: announced on %s, switched on %s, retired on %s',
    async (...order) => {
      const { A, B } = nodes;
      const before = { A: await register(A), B: await register(B) };
      const held: Record<'A' | 'B', Pair> = { ...before };
      for (const [index, turn] of order.entries()) {
        for (const moving of turn === 'A before B' ? nodeNames : nodeNames.toReversed()) {
          nodes[moving].rereadKeys(steps[index + 1] as Environment);
          expect(lastLine(nodes[moving])['msg']).toBe('the keys were exchanged');
          A.clock.advance(11);
          held.A = await exchangePairs(A, B, held.A);
          held.B = await exchangePairs(B, A, held.B);
        }
      }
      expect(kidsOf(held.A)).toEqual(kidsOf(held.B));
      expect(kidsOf(held.A)).not.toEqual(kidsOf(before.A));
    },
  );
});

/** Has each node take a pair that one of them made before, and what each of them makes now. Returns a pair of `one`. */
async function exchangePairs(one: TestApp, other: TestApp, held: Pair): Promise<Pair> {
  await expectKnown(held, one, other);
  const ofOther = await newPair(other, held);
  const ofOne = await newPair(one, held);
  await expectKnown(ofOther, one, other);
  await expectKnown(ofOne, one, other);
  const next = await newPair(one, ofOther);
  await newPair(other, ofOne);
  return next;
}

async function expectKnown(pair: Pair, ...byNodes: TestApp[]) {
  const { alg, kid } = headerOf(pair.accessToken);
  for (const node of byNodes) {
    expect((await me(node, pair)).errors).toEqual([]);
    if (alg === 'ES256') expect(await publishedKids(node)).toContain(kid);
  }
}

describe('a node that reads its keys again', () => {
  beforeEach(() => {
    for (const name of nodeNames) nodes[name].rereadKeys({});
  });

  test('warns when it signs with a key that it did not know, because other nodes refuse its tokens', async () => {
    const { A, B } = nodes;
    const account = await register(A);
    const count = A.logLines.length;
    A.rereadKeys({ JWT_SECRET_KEY: newSecret, JWT_SECRET_KEY_PREVIOUS: secretKey });
    expect(linesSince(A, count)).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(/^a key signs from now on that was not announced: /),
      }),
      expect.objectContaining({ level: 30, msg: 'the keys were exchanged' }),
    ]);
    const pair = await newPair(A, account);
    expect(failure(await me(B, pair))).toEqual(refusals.invalid);
    expect(failure(await refresh(B, pair.refreshToken))).toEqual(refusals.invalid);
  });

  test('refuses at once the tokens of a removed key, and logs it', async () => {
    const { A } = nodes;
    const account = await register(A);
    A.rereadKeys({ JWT_SECRET_KEY_NEXT: newSecret });
    const count = A.logLines.length;
    A.rereadKeys({ JWT_SECRET_KEY: newSecret });
    expect(linesSince(A, count)).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(/^the key that signed until now is not known any more: /),
      }),
      expect.objectContaining({ level: 30, msg: 'the keys were exchanged' }),
    ]);
    expect(failure(await me(A, account))).toEqual(refusals.invalid);
    expect(failure(await refresh(A, account.refreshToken))).toEqual(refusals.invalid);
  });

  test('logs its keys by their key ids alone', async () => {
    const { A } = nodes;
    const count = A.logLines.length;
    A.rereadKeys({ JWT_SECRET_KEY_NEXT: newSecret, JWT_PRIVATE_KEY_NEXT: newPem });
    const [line] = linesSince(A, count);
    const [access, forRefresh] = kidsOf(await register(A));
    expect(line).toMatchObject({ signing: { access, refresh: forRefresh } });
    A.rereadKeys({
      JWT_SECRET_KEY: newSecret,
      JWT_SECRET_KEY_PREVIOUS: secretKey,
      JWT_PRIVATE_KEY: newPem,
    });
    expect(line?.['verifying']).toEqual(
      expect.arrayContaining([access, forRefresh, ...kidsOf(await register(A))]),
    );
    const text = A.logLines.slice(count).join('');
    for (const secret of [secretKey, newSecret, ...newPem.split('\n').slice(1, -2)]) {
      expect(text).not.toContain(secret);
    }
  });

  test.each<[string, Environment, string[]]>([
    [
      'too short',
      { JWT_SECRET_KEY: 'hunter2' },
      ['JWT_SECRET_KEY must have at least 32 bytes: make one with `openssl rand -base64 48`.'],
    ],
    [
      'no key',
      { JWT_SECRET_KEY: newSecret, JWT_PRIVATE_KEY: 'hunter2' },
      ['JWT_PRIVATE_KEY does not fit. A private key must be an unencrypted PEM.'],
    ],
    [
      'in a file that is gone',
      { JWT_PRIVATE_KEY_FILE: '/nowhere/hunter2' },
      ['JWT_PRIVATE_KEY_FILE names a file that cannot be read (ENOENT).'],
    ],
    [
      'the one that signs already',
      { JWT_SECRET_KEY_NEXT: secretKey },
      ['JWT_SECRET_KEY_NEXT is the same as JWT_SECRET_KEY.'],
    ],
  ])(
    'keeps its former keys when one is %s, and logs the reason',
    async (_what, changes, problems) => {
      const { A, B } = nodes;
      const account = await register(A);
      const count = A.logLines.length;
      A.rereadKeys(changes);
      expect(linesSince(A, count)).toEqual([
        expect.objectContaining({
          level: 50,
          problems,
          msg: 'the keys could not be read again: those of before go on',
        }),
      ]);
      expect(A.logLines.slice(count).join('')).not.toContain('hunter2');
      const pair = await newPair(A, account);
      expect(kidsOf(pair)).toEqual(kidsOf(account));
      expect((await me(B, pair)).errors).toEqual([]);
    },
  );

  test('logs when no key has changed, and when a change needs a restart', () => {
    const { A } = nodes;
    const count = A.logLines.length;
    A.rereadKeys({});
    A.rereadKeys({ DATABASE_URL: 'postgres://root:hunter2@127.0.0.1/other' });
    const same = { level: 30, msg: 'the keys were read again, and are the same' };
    expect(linesSince(A, count)).toEqual([
      expect.objectContaining(same),
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(/^DATABASE_URL has changed, which needs a restart/),
      }),
      expect.objectContaining(same),
    ]);
    expect(A.logLines.slice(count).join('')).not.toContain('hunter2');
  });
});
