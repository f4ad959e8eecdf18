import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, startApp, type TestApp } from '../../support/app.ts';
import { refusals } from '../../support/refusals.ts';
import {
  adminMutations,
  type Cast,
  countAll,
  credentialMutations,
  type MutationName,
  mutationNames,
  newCast,
  write,
} from './cast.ts';

let nodes: [TestApp, TestApp];
let app: TestApp;
beforeAll(async () => {
  const environment = { RATE_LIMIT_ACCOUNT: '0' };
  app = await startApp({ environment });
  nodes = [app, await startApp({ environment, database: app.database, clock: app.clock })];
  // So that nobody is the last administrator.
  await newCast(app);
});
afterAll(async () => {
  await nodes[1].close();
  await app.close();
});

const { revoked, userNotFound, userInactive, invalidCredentials, adminRequired } = refusals;

/** What a token is told after a mutation that ended it. */
const ends: Partial<Record<MutationName, object>> = {
  logout: revoked,
  logoutEverywhere: revoked,
  endOwnSession: revoked,
  endOwnSessions: revoked,
  changePassword: revoked,
  deleteAccount: userNotFound,
  disableOneself: userInactive,
};

const notFound: readonly string[] = [
  'deleteItem updateItem',
  'deleteItem deleteItem',
  'revokeApiToken revokeApiToken',
  'revokeUserApiToken revokeUserApiToken',
  'endUserSessions revokeUserApiToken',
];

/** What the second of two mutations in one operation is refused with; undefined where it is not. */
function refusalOf(first: MutationName, second: MutationName): object | undefined {
  if (second === 'register' || second === 'logout') return undefined;
  const end = ends[first];
  if (second === 'login') {
    return first === 'deleteAccount' || first === 'disableOneself' ? invalidCredentials : undefined;
  }
  if (end) return end;
  if (first === 'demoteOneself' && adminMutations.includes(second)) return adminRequired;
  if (!notFound.includes(`${first} ${second}`)) return undefined;
  const message = second.endsWith('ApiToken') ? 'API token not found.' : 'Item not found.';
  return { code: 'NOT_FOUND', message };
}

type Counts = Awaited<ReturnType<typeof countAll>>;

/** How much more there is of everything. */
function difference(before: Counts, after: Counts): Counts {
  const names = Object.keys(before);
  return Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}

const send = (cast: Cast, fields: string, { ask }: TestApp = app) =>
  ask(`mutation { ${fields} }`, { token: cast.pair.accessToken });

test('the table has every mutation of the schema', async () => {
  const cast = await newCast(app);
  const { data } = await app.ask('{ __schema { mutationType { fields { name } } } }');
  const fields = data.__schema.mutationType.fields.map(({ name }: { name: string }) => name);
  const written = mutationNames.map((name) => write(name, cast).match(/^\w+/)?.[0]);
  expect([...new Set(written)].toSorted()).toEqual(fields.toSorted());
});

describe.each(mutationNames)('in one operation, after %s,', (first) => {
  test('every mutation that its caller may still run has its effect, and others have none', async () => {
    let cast = await newCast(app);
    const before = await countAll(app);
    await send(cast, write(first, cast));
    const alone = difference(before, await countAll(app));
    for (const second of mutationNames) {
      cast = await newCast(app);
      const fields = `first: ${write(first, cast)} second: ${write(second, cast)}`;
      const before = await countAll(app);
      const answer = await send(cast, fields);
      const changes = difference(before, await countAll(app));
      if (credentialMutations.includes(first) && credentialMutations.includes(second)) {
        expect(failure(answer), fields).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
        continue;
      }
      const refusal = refusalOf(first, second);
      expect(failure(answer), fields).toEqual(refusal);
      expect(answer.data.first, fields).not.toBeNull();
      if (refusal === undefined) continue;
      expect(answer.data.second).toBeNull();
      // A wrong password is written down.
      const events = (alone['events'] ?? 0) + (refusal === invalidCredentials ? 1 : 0);
      expect(changes, fields).toEqual({ ...alone, events });
    }
  }, 120_000);
});

describe.each(mutationNames)('at the same moment as %s, on another node,', (first) => {
  test('no mutation of the same user fails without a reason', async () => {
    const behind = mutationNames.slice(mutationNames.indexOf(first));
    for (const second of behind) {
      const cast = await newCast(app);
      const answers = await Promise.all([
        send(cast, write(first, cast)),
        send(cast, write(second, cast), nodes[1]),
      ]);
      for (const [index, answer] of answers.entries()) {
        const name = index === 0 ? first : second;
        const problem = failure(answer);
        const codes = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', undefined];
        expect(codes, `${name} of ${first} and ${second}: ${JSON.stringify(problem)}`).toContain(
          problem?.['code'],
        );
      }
      const succeeded = [first, second].filter((_name, index) => !failure(answers[index] as never));
      const end = succeeded.map((name) => ends[name]).find(Boolean);
      const { accessToken: token } = cast.pair;
      const after = failure(await app.ask('{ me { id } }', { token }));
      if (end) expect(after?.['code'], `${first} and ${second}`).toBe('UNAUTHENTICATED');
      else expect(after, `${first} and ${second}`).toBeUndefined();
    }
  }, 120_000);
});
