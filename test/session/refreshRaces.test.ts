import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { claimsOf, type Pair, refresh, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

// Two nodes over one database, each with a clock of its own.
let nodes: [TestApp, TestApp];
beforeAll(async () => {
  const first = await startApp();
  nodes = [first, await startApp({ database: first.database })];
});
afterAll(async () => {
  await nodes[1].close();
  await nodes[0].close();
});

const nodeOf = (index: number) => nodes[index % 2] as TestApp;

/** Sessions whose newest generation is old enough to be followed by the next. */
async function manySessions(count: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  // One after the other: on a slow machine, as many hashes at once would be answered too late.
  while (pairs.length < count) pairs.push(await register(nodes[0]));
  tenSecondsPass();
  return pairs;
}

function tenSecondsPass(): void {
  for (const { clock } of nodes) clock.advance(10);
}

describe('fifty tabs on two nodes with the same refresh token', () => {
  test('all get the same successor, and the session advances by one generation', async () => {
    for (const { refreshToken, accessToken } of await manySessions(10)) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, tab) => refresh(nodeOf(tab), refreshToken)),
      );
      expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
      const successors = new Set(answers.map(({ data }) => data.refresh.refreshToken));
      expect(successors.size).toBe(1);
      const sid = claimsOf(accessToken)['sid'] as string;
      const [row] = await nodes[0].database.select().from(sessions).where(eq(sessions.id, sid));
      expect(row).toMatchObject({ generation: 2, endedAt: null });
    }
  });
});

describe('a refresh and a logout at the same moment', () => {
  test('leave no valid token', async () => {
    const pairs = await manySessions(60);
    const race = async ({ refreshToken }: Pair, index: number) => {
      const [refreshed, ended] = await Promise.all([
        refresh(nodeOf(index), refreshToken),
        nodeOf(index + 1).ask('mutation ($token: String) { logout(refreshToken: $token) }', {
          variables: { token: refreshToken },
        }),
      ]);
      expect(ended.data).toEqual({ logout: true });
      const pair: Pair | undefined = refreshed.data.refresh ?? undefined;
      if (!pair) expect(failure(refreshed)).toEqual(refusals.revoked);
      const newest = pair?.refreshToken ?? refreshToken;
      expect(failure(await refresh(nodeOf(index), newest))).toEqual(refusals.revoked);
      if (pair) {
        const answer = await nodeOf(index).ask('{ me { id } }', { token: pair.accessToken });
        expect(failure(answer)).toEqual(refusals.revoked);
      }
    };
    // Ten races at once, so that none of them waits for its answer for too long.
    for (let first = 0; first < pairs.length; first += 10) {
      await Promise.all(pairs.slice(first, first + 10).map(race));
    }
  });
});

describe('two uses of a stolen token at the same moment, on two nodes', () => {
  test('end the session once, and both are refused', async () => {
    for (const first of await manySessions(10)) {
      const second: Pair = (await refresh(nodes[0], first.refreshToken)).data.refresh;
      tenSecondsPass();
      await refresh(nodes[1], second.refreshToken);
      const answers = await Promise.all(nodes.map((node) => refresh(node, first.refreshToken)));
      const reasons = answers.map((answer) => failure(answer)?.['reason']).toSorted();
      expect(reasons).toEqual(['TOKEN_REUSED', 'TOKEN_REVOKED']);
    }
  });
});

test('twenty registrations of one name at the same moment make one account, and nineteen get a conflict', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      nodeOf(index).ask(
        'mutation { register(username: "everyone", password: "correct horse battery") { fresh } }',
      ),
    ),
  );
  expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
  const refused = answers.map(failure).filter((error) => error !== undefined);
  expect(refused).toEqual(
    Array.from({ length: 19 }, () => ({ code: 'CONFLICT', message: 'That username is taken.' })),
  );
});

test('nodes whose clocks are 9 s apart accept each other’s tokens', async () => {
  const [first, second] = nodes;
  second.clock.advance(9);
  try {
    let pair: Pair = await register(second);
    for (let exchange = 0; exchange < 6; exchange++) {
      const node = nodeOf(exchange);
      tenSecondsPass();
      expect((await node.ask('{ me { id } }', { token: pair.accessToken })).errors).toEqual([]);
      const answer = await refresh(node, pair.refreshToken);
      expect(answer.errors).toEqual([]);
      pair = answer.data.refresh;
    }
  } finally {
    second.clock.now = first.clock.now;
  }
});
