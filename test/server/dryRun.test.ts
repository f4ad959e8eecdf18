import { dryRun, type Refused, signedIn } from '@sallyport/guards';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { defineServer } from '../../src/defineServer.ts';
import { ApiError } from '../../src/errors.ts';
import { proveAccess } from '../../src/test/proveAccess.ts';
import type { UserRow } from '../../src/user/table.ts';
import { type Account, register, succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const told: { refused: Refused; context: Context | null }[] = [];
const definition = defineServer({
  features: [
    {
      schema: new URL('./dryRun.graphql', import.meta.url),
      resolvers: {
        Query: {
          seen: (_parent: unknown, _args: unknown, { user }: Context) => user?.username ?? 'nobody',
          list: (_parent: unknown, _args: unknown, { user }: Context) => [user, user],
        },
      },
    },
  ],
  guards: {
    soon: dryRun(
      signedIn<UserRow>(({ user }) =>
        user.fullName ? null : new ApiError('FORBIDDEN', 'Name?', { reason: 'NAME_REQUIRED' }),
      ),
    ),
  },
  onRefusal: (refused, context) => told.push({ refused, context }),
});

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp({ definition });
  account = await register(app);
});
afterAll(() => app.close());
beforeEach(() => {
  told.length = 0;
  app.logLines.length = 0;
});

const seen = () =>
  told.map(({ refused: { coordinate, door, isDryRun, error } }) => ({
    coordinate,
    door,
    isDryRun,
    message: error.message,
  }));
const logged = () =>
  app.logLines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'a guard in dry run would refuse this')
    .map(({ coordinate, userId, error }) => ({ coordinate, userId, message: error.message }));

test('a guard in dry run passes every caller, and the log names the callers it would refuse', async () => {
  const { accessToken: token, userId } = account;
  const { list } = succeeded(await app.ask('{ list { id } again: list { id } }', { token }));
  expect(list).toEqual([{ id: userId }, { id: userId }]);
  const message = 'Name?';
  expect(seen()).toEqual([{ coordinate: 'Query.list', door: 'second', isDryRun: true, message }]);
  expect(logged()).toEqual([{ coordinate: 'Query.list', userId, message }]);
  expect(told[0]?.context?.user?.id).toBe(userId);
  expect(app.logLines.join('')).not.toContain(token);
});

test('a public field has no caller, although a guard in dry run judges the caller', async () => {
  const { accessToken: token } = account;
  expect(succeeded(await app.ask('{ seen }', { token })).seen).toBe('nobody');
  expect(succeeded(await app.ask('{ seen }')).seen).toBe('nobody');
  expect(succeeded(await app.ask('{ seen }', { token: 'x' })).seen).toBe('nobody');
  expect(seen().map(({ message }) => message)).toEqual([
    'Name?',
    refusals.missing['message'],
    refusals.invalid['message'],
  ]);
});

test('onRefusal is called for refusals at both doors, which are not in the log of dry runs', async () => {
  expect(failure(await app.ask('{ list { id } }'))).toEqual(refusals.missing);
  expect((await app.ask('{ serverTime me { id } }')).data.me).toBeNull();
  expect(seen()).toEqual([
    {
      coordinate: 'Query.list',
      door: 'first',
      isDryRun: false,
      message: refusals.missing['message'],
    },
    {
      coordinate: 'Query.me',
      door: 'second',
      isDryRun: false,
      message: refusals.missing['message'],
    },
  ]);
  expect(logged()).toEqual([]);
});

test('a guard in dry run does not change the proof of access', async () => {
  const { callers } = await proveAccess(definition);
  expect(callers).toBe((await proveAccess(defineServer())).callers);
});

test('defineServer refuses an onRefusal that is no function', () => {
  expect(() => defineServer({ onRefusal: 'log' as never })).toThrow(
    new TypeError('defineServer: onRefusal must be a function of a refusal.'),
  );
});
