import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiTokens } from '../../../src/apiToken/table.ts';
import { userCommand } from '../../../src/commands/user.ts';
import type { Database } from '../../../src/database/database.ts';
import { failure, startApp, type TestApp } from '../../support/app.ts';
import { refusals } from '../../support/refusals.ts';
import {
  adminMutations,
  type Cast,
  countAll,
  itemMutations,
  type MutationName,
  mutationNames,
  newCast,
  publicMutations,
  write,
} from './cast.ts';

const { revoked, userNotFound, userInactive, adminRequired, invalid } = refusals;

let app: TestApp;
let slowNode: TestApp;
let keeper: Cast;
/** Done once by the slow node between the guards of a mutation and its transaction. */
let meanwhile: (() => Promise<unknown>) | null = null;
beforeAll(async () => {
  const environment = { RATE_LIMIT_ACCOUNT: '0' };
  app = await startApp({ environment });
  const database = new Proxy(app.database, {
    get(target, name, receiver) {
      if (name !== 'transaction') return Reflect.get(target, name, receiver);
      return async (...args: Parameters<Database['transaction']>) => {
        const act = meanwhile;
        meanwhile = null;
        await act?.();
        return await target.transaction(...args);
      };
    },
  });
  slowNode = await startApp({ environment, database, clock: app.clock });
  keeper = await newCast(app);
});
afterAll(async () => {
  await slowNode.close();
  await app.close();
});

const own =
  (field: string) =>
  ({ pair }: Cast) =>
    app.ask(`mutation { ${field} }`, { token: pair.accessToken });
const byAdmin = (field: (cast: Cast) => string) => (cast: Cast) =>
  app.ask(`mutation { ${field(cast)} }`, { token: keeper.pair.accessToken });

async function byOperator(...args: string[]) {
  const command = userCommand((act) =>
    act({
      scene: { database: app.database, log: app.http.log, now: app.clock.now, client: null },
      config: app.config,
      readPassword: async () => 'a stapler and a battery',
      print: () => {},
    }),
  );
  await command.parseAsync(args, { from: 'user' });
}

/** What happens to the caller while a mutation is under way, and what the mutation is told. */
const changes: [string, (cast: Cast) => Promise<unknown>, object][] = [
  ['the account was deleted', own('deleteAccount'), userNotFound],
  [
    'the password was changed',
    own('changePassword(newPassword: "a stapler and a battery") { fresh }'),
    revoked,
  ],
  ['the session was logged out', own('logout'), revoked],
  ['every session was logged out', own('logoutEverywhere'), revoked],
  [
    'an administrator disabled the account',
    byAdmin(({ userId }) => `setUserActive(id: "${userId}", active: false) { id }`),
    userInactive,
  ],
  [
    'an administrator ended the sessions',
    byAdmin(({ userId }) => `endUserSessions(id: "${userId}")`),
    revoked,
  ],
  [
    'an administrator disabled the account and enabled it again',
    async (cast) => {
      await byAdmin(({ userId }) => `setUserActive(id: "${userId}", active: false) { id }`)(cast);
      await byAdmin(({ userId }) => `setUserActive(id: "${userId}", active: true) { id }`)(cast);
    },
    revoked,
  ],
  ['the operator set a password', ({ username }) => byOperator('password', username), revoked],
  [
    'the operator ended the sessions',
    ({ username }) => byOperator('sessions', username, '--end'),
    revoked,
  ],
];

/** Items belong to nobody: what changes them is judged when it begins, and has no transaction. */
const accountMutations = mutationNames.filter(
  (name) => !publicMutations.includes(name) && !itemMutations.includes(name),
);

/** Sends a mutation to the slow node, while something else happens, and expects it to be refused without a trace. */
async function expectRefused(
  name: MutationName,
  cast: Cast,
  happens: (cast: Cast) => Promise<unknown>,
  refusal: object,
  token = cast.pair.accessToken,
) {
  let counts: object | null = null;
  meanwhile = async () => {
    await happens(cast);
    counts = await countAll(app);
  };
  const answer = await slowNode.ask(`mutation { ${write(name, cast)} }`, { token });
  expect(failure(answer), name).toEqual(refusal);
  expect(await countAll(app), name).toEqual(counts);
}

describe.each(changes)('a mutation that was under way when %s', (_what, happens, refusal) => {
  test.each(accountMutations)('is refused and changes nothing: %s', async (name) => {
    await expectRefused(name, await newCast(app), happens, refusal);
  });
});

describe('a mutation of an administrator that was under way when the rights were taken', () => {
  const demoted = byAdmin(({ userId }) => `setUserAdmin(id: "${userId}", admin: false) { id }`);

  test.each(accountMutations.filter((name) => adminMutations.includes(name)))(
    'is refused and changes nothing: %s',
    async (name) => {
      await expectRefused(name, await newCast(app), demoted, adminRequired);
    },
  );

  test.each(accountMutations.filter((name) => !adminMutations.includes(name)))(
    'runs if it needs no rights: %s',
    async (name) => {
      const cast = await newCast(app);
      meanwhile = () => demoted(cast);
      const { accessToken: token } = cast.pair;
      const answer = await slowNode.ask(`mutation { ${write(name, cast)} }`, { token });
      expect(answer.errors).toEqual([]);
    },
  );
});

test.each(['revokeApiToken', 'endSession', 'endUserSessions', 'logoutEverywhere'] as const)(
  'a program’s mutation that was under way when its token was revoked is refused: %s',
  async (name) => {
    const cast = await newCast(app);
    const revoke = () => app.database.delete(apiTokens).where(eq(apiTokens.id, cast.apiTokenId));
    await expectRefused(name, cast, revoke, invalid, cast.apiToken);
  },
);
