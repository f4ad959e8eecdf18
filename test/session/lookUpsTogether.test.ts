import { createApiToken } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { apiTokens } from '../../src/apiToken/table.ts';
import { statementsAtOnce } from '../../src/database/lookUpTogether.ts';
import { sessions } from '../../src/session/table.ts';
import { users } from '../../src/user/table.ts';
import { claimsOf, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import {
  type WatchedStatements,
  watchLookUps,
  watchStatements,
} from '../support/watchedStatements.ts';

interface Caller {
  readonly id: string;
  readonly accessToken: string;
  readonly sessionId: string;
  readonly apiToken: string;
}

let app: TestApp;
let address: string;
let callers: Caller[];
let atOnce: number;
let watched: Record<'accessToken' | 'apiToken', WatchedStatements>;
beforeAll(async () => {
  app = await startApp();
  address = await app.http.listen({ host: '127.0.0.1', port: 0 });
  atOnce = statementsAtOnce(app.database);
  watched = {
    accessToken: watchStatements(app.database, 'as asked (sub'),
    apiToken: watchStatements(app.database, 'as asked (hash'),
  };
  callers = [];
  while (callers.length < 8) callers.push(await newCaller());
});
afterAll(() => app.close());

async function newCaller(): Promise<Caller> {
  const { accessToken } = await register(app);
  const { sub, sid } = claimsOf(accessToken) as { sub: string; sid: string };
  const { token, hash } = createApiToken();
  const createdAt = app.clock.now;
  await app.database.insert(apiTokens).values({ userId: sub, hash, name: 'program', createdAt });
  // What is done once for each new token is done.
  for (const each of [accessToken, token]) await me(each);
  return { id: sub, accessToken, sessionId: sid, apiToken: token };
}

const me = (token?: string) => app.ask('{ me { id } }', token === undefined ? {} : { token });

const kinds = [
  ['access tokens', 'accessToken'],
  ['API tokens', 'apiToken'],
] as const;

describe.each(kinds)('look-ups of %s', (_kinds, kind) => {
  const watch = () => {
    const statements = watched[kind];
    statements.reset();
    onTestFinished(() => statements.release());
    return statements;
  };

  /** Requests whose look-ups are held up, one in each statement that may be under way. */
  async function begin(
    statements: ReturnType<typeof watch>,
    lookUps: ReturnType<typeof watchLookUps>,
  ) {
    statements.hold();
    const begun: ReturnType<typeof me>[] = [];
    while (begun.length < atOnce) {
      begun.push(me(callers[0]?.[kind]));
      await lookUps.untilAsked(begun.length);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    expect(statements.count()).toBe(atOnce);
    return begun;
  }

  test('are one statement for one request', async () => {
    const statements = watch();
    expect((await me(callers[0]?.[kind])).data).toEqual({ me: { id: callers[0]?.id } });
    expect(statements.count()).toBe(1);
  });

  test('that come while others are under way share one statement, and each gets its own user', async () => {
    const [statements, lookUps] = [watch(), watchLookUps()];
    const begun = await begin(statements, lookUps);
    const asked = [...callers, ...callers.toReversed()];
    const answers = asked.map((caller) => me(caller[kind]));
    await lookUps.untilAsked(atOnce + asked.length);
    statements.release();
    const found = (await Promise.all(answers)).map(({ data }) => data.me.id);
    expect(found).toEqual(asked.map(({ id }) => id));
    expect((await Promise.all(begun)).map(({ data }) => data.me.id)).toEqual(
      begun.map(() => callers[0]?.id),
    );
    expect(statements.count()).toBe(atOnce + 1);
  });

  test('see a session end between two requests of one statement', async () => {
    const caller = await newCaller();
    const [statements, lookUps] = [watch(), watchLookUps()];
    const begun = await begin(statements, lookUps);
    const before = me(caller[kind]);
    await lookUps.untilAsked(atOnce + 1);
    const { database, clock } = app;
    if (kind === 'apiToken')
      await database.delete(apiTokens).where(eq(apiTokens.userId, caller.id));
    await database
      .update(sessions)
      .set({ endedAt: clock.now, endReason: 'ended' })
      .where(eq(sessions.id, caller.sessionId));
    const after = me(caller[kind]);
    const other = me(callers[1]?.[kind]);
    await lookUps.untilAsked(atOnce + 3);
    statements.release();
    const ended = kind === 'apiToken' ? refusals.invalid : refusals.revoked;
    expect(failure(await after)).toEqual(ended);
    expect((await other).data.me.id).toBe(callers[1]?.id);
    await Promise.all([before, ...begun]);
    expect(statements.count()).toBe(atOnce + 1);
  });

  test('that fail together do not fail other look-ups', async () => {
    const [statements, lookUps] = [watch(), watchLookUps()];
    const begun = await begin(statements, lookUps);
    statements.failNext();
    const unlucky = [1, 2, 3].map((place) => me(callers[place]?.[kind]));
    await lookUps.untilAsked(atOnce + 3);
    statements.release();
    for (const answer of await Promise.all(unlucky)) {
      expect(failure(answer)).toMatchObject({
        code: 'INTERNAL_SERVER_ERROR',
        message: 'Something went wrong.',
      });
    }
    for (const answer of await Promise.all(begun)) expect(answer.data.me.id).toBe(callers[0]?.id);
    expect((await me(callers[1]?.[kind])).data.me.id).toBe(callers[1]?.id);
  });

  test('of a disconnected client do not delay others', async () => {
    const [statements, lookUps] = [watch(), watchLookUps()];
    const begun = await begin(statements, lookUps);
    const client = new AbortController();
    const gone = fetch(`${address}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${callers[1]?.[kind]}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: '{ me { id } }' }),
      signal: client.signal,
    }).catch((error: Error) => error.name);
    await lookUps.untilAsked(atOnce + 1);
    const answer = me(callers[2]?.[kind]);
    await lookUps.untilAsked(atOnce + 2);
    client.abort();
    expect(await gone).toBe('AbortError');
    statements.release();
    expect((await answer).data.me.id).toBe(callers[2]?.id);
    for (const each of await Promise.all(begun)) expect(each.data.me.id).toBe(callers[0]?.id);
  });
});

test('each of thousands of requests in any order gets the user of its own token', async () => {
  const gone = await newCaller();
  await app.database.delete(users).where(eq(users.id, gone.id));
  const expected = new Map<string | undefined, string>([
    [undefined, 'TOKEN_MISSING'],
    ['no token', 'TOKEN_INVALID'],
    [gone.accessToken, 'USER_NOT_FOUND'],
    [gone.apiToken, 'TOKEN_INVALID'],
    ...callers.flatMap(({ id, accessToken, apiToken }) => [
      [accessToken, id] as const,
      [apiToken, id] as const,
    ]),
  ]);
  for (const statements of Object.values(watched)) statements.reset();
  let requests = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...expected.keys()), { minLength: 200, maxLength: 400 }),
      async (sent) => {
        requests += sent.length;
        const answers = await Promise.all(sent.map(me));
        const got = answers.map((answer) => answer.data?.me?.id ?? failure(answer)?.['reason']);
        expect(got).toEqual(sent.map((token) => expected.get(token)));
      },
    ),
    { numRuns: 10 },
  );
  expect(requests).toBeGreaterThanOrEqual(2000);
  expect(watched.accessToken.count() + watched.apiToken.count()).toBeLessThan(requests / 4);
});
