import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import { userCommand } from '../../src/commands/user.ts';
import { users } from '../../src/user/table.ts';
import { claimsOf, login, type Pair, refresh, register, succeeded } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import { copyDataDir, service } from '../support/process.ts';
import { refusals } from '../support/refusals.ts';

const newPassword = 'a stapler and a battery';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ environment: { RATE_LIMIT_ACCOUNT: '0' } });
});
afterAll(() => app.close());

/** Runs a command as its process does, on the database of the test. Gives the lines it printed. */
async function run(args: string[], given = newPassword): Promise<string[]> {
  const printed: string[] = [];
  const command = userCommand((act) =>
    act({
      scene: { database: app.database, log: app.http.log, now: app.clock.now, client: null },
      config: app.config,
      readPassword: async () => given,
      print: (line) => void printed.push(line),
    }),
  );
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeErr: () => {} });
  }
  await command.parseAsync(args, { from: 'user' });
  return printed;
}

const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

const signIn = (username: string, given: string) =>
  app.ask(
    'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { accessToken } }',
    { variables: { username, password: given } },
  );

const findUser = async (username: string) =>
  (await app.database.select().from(users).where(eq(users.username, username)))[0];

/** Everything that a command could change. */
const everything = async () => [
  await app.database.select().from(users).orderBy(users.id),
  await app.database.select().from(auditEvents).orderBy(auditEvents.id),
];

async function expectWrittenDown(event: string, username: string, reason = 'operator') {
  const entries = await app.database.select().from(auditEvents).orderBy(auditEvents.id);
  const userId = (await findUser(username))?.id;
  const newest = entries.findLast((entry) => entry.userId === userId && entry.event === event);
  expect(newest).toMatchObject({ reason, actorId: null, ip: null });
}

describe('the operator', () => {
  test('makes an account that signs in', async () => {
    expect(await run(['create', 'Plain.User'])).toEqual(['Made the account plain.user.']);
    await expectWrittenDown('REGISTERED', 'plain.user');
    const { accessToken } = succeeded(await signIn('plain.user', newPassword)).login;
    const { data } = await app.ask('{ me { fullName isAdmin } }', { token: accessToken });
    expect(data).toEqual({ me: { fullName: null, isAdmin: false } });
  });

  test('makes an administrator with a full name', async () => {
    const args = ['create', 'grace', '--admin', '--full-name', 'Grace Hopper'];
    expect(await run(args)).toEqual(['Made the administrator grace.']);
    await expectWrittenDown('ADMIN_GRANTED', 'grace');
    const { accessToken } = succeeded(await signIn('grace', newPassword)).login;
    const { data } = await app.ask('{ me { fullName isAdmin } }', { token: accessToken });
    expect(data).toEqual({ me: { fullName: 'Grace Hopper', isAdmin: true } });
  });

  test('sets a password, which ends all sessions', async () => {
    const account = await register(app);
    expect(await run(['password', account.username.toUpperCase()])).toEqual([
      `Changed the password of ${account.username}, ended all sessions and revoked all API tokens.`,
    ]);
    await expectWrittenDown('PASSWORD_CHANGED', account.username);
    expect(failure(await me(account))).toEqual(refusals.revoked);
    expect(failure(await refresh(app, account.refreshToken))).toEqual(refusals.revoked);
    expect(failure(await signIn(account.username, password))).toEqual(refusals.invalidCredentials);
    expect((await signIn(account.username, newPassword)).errors).toEqual([]);
  });

  test('gives a user the rights of an administrator, and takes them away', async () => {
    const { username, accessToken: token } = await register(app);
    const query = '{ me { isAdmin } }';
    expect(await run(['admin', username])).toEqual([`${username} is an administrator.`]);
    await expectWrittenDown('ADMIN_GRANTED', username);
    expect((await app.ask(query, { token })).data.me.isAdmin).toBe(true);
    expect(await run(['admin', username, '--off'])).toEqual([
      `${username} is no longer an administrator.`,
    ]);
    await expectWrittenDown('ADMIN_REVOKED', username);
    expect((await app.ask(query, { token })).data.me.isAdmin).toBe(false);
  });

  test('disables an account and enables it again, without its former sessions', async () => {
    const account = await register(app);
    const { username } = account;
    expect(await run(['disable', username])).toEqual([`The account ${username} is disabled.`]);
    await expectWrittenDown('USER_DISABLED', username);
    expect(failure(await me(account))).toEqual(refusals.userInactive);
    expect(failure(await signIn(username, password))).toEqual(refusals.invalidCredentials);
    expect(await run(['disable', username, '--off'])).toEqual([
      `The account ${username} is enabled.`,
    ]);
    await expectWrittenDown('USER_ENABLED', username);
    expect(failure(await me(account))).toEqual(refusals.revoked);
    expect((await signIn(username, password)).errors).toEqual([]);
  });

  test('lists the sessions of a user, newest first, and ends them', async () => {
    const first = await register(app);
    const signedUpAt = app.clock.now.toISOString();
    app.clock.advance(60);
    const signedInAt = app.clock.now.toISOString();
    const second = await login(app, first.username);
    const sid = ({ accessToken }: Pair) => claimsOf(accessToken)['sid'];
    const listed = [
      `${sid(second)}  since ${signedInAt}, last used ${signedInAt}, from 127.0.0.1  lightMyRequest`,
      `${sid(first)}  since ${signedUpAt}, last used ${signedUpAt}, from 127.0.0.1  lightMyRequest`,
    ];
    expect(await run(['sessions', first.username])).toEqual([...listed, '2 sessions.']);
    expect((await me(first)).errors).toEqual([]);
    const ended = await run(['sessions', first.username, '--end']);
    expect(ended).toEqual([...listed, '2 sessions ended.']);
    await expectWrittenDown('SESSION_ENDED', first.username);
    for (const pair of [first, second]) expect(failure(await me(pair))).toEqual(refusals.revoked);
    expect(await run(['sessions', first.username])).toEqual(['0 sessions.']);
  });
});

describe('a command is refused with one line, and changes nothing:', () => {
  const nameRule =
    'A username has 3 to 64 characters, each of them a letter from a to z, a digit, or one of . _ @ + -';
  const tooShort =
    'A password has at least 15 characters: a few words in a row are easy to remember.';
  const noUser = 'There is no such user.';
  const lastAdmin = 'This is the last active administrator. Make another one first.';

  beforeAll(async () => {
    await app.database.update(users).set({ isAdmin: false });
    for (const username of ['last-admin', 'out-of-order']) await run(['create', username]);
    await run(['admin', 'last-admin']);
    await run(['disable', 'out-of-order']);
  });

  test.each<[string, string[], string, string?]>([
    ['for a name of two characters', ['create', 'ab'], nameRule],
    ['for a name with a blank', ['create', 'a b c'], nameRule],
    ['for a name that is taken', ['create', 'LAST-admin'], 'That username is taken.'],
    ['for a short password', ['create', 'newcomer'], tooShort, 'abcdefghijklmn'],
    ['for no password', ['create', 'newcomer'], tooShort, ''],
    [
      'for a full name that is too long',
      ['create', 'newcomer', '--full-name', 'n'.repeat(201)],
      '"fullName" must have 0 to 200 characters.',
    ],
    [
      'for a full name of two lines',
      ['create', 'newcomer', '--full-name', 'one\ntwo'],
      '"fullName" must be one line, without control characters.',
    ],
    ['for a short new password', ['password', 'last-admin'], tooShort, 'short'],
    [
      'for a new password of a disabled account',
      ['password', 'out-of-order'],
      'The account is disabled, or was changed at the same time.',
    ],
    ['for the password of an unknown user', ['password', 'nobody'], noUser],
    ['for the rights of an unknown user', ['admin', 'nobody'], noUser],
    ['for disabling an unknown user', ['disable', 'nobody'], noUser],
    ['for the sessions of an unknown user', ['sessions', 'nobody', '--end'], noUser],
    ['for a name that no user can have', ['disable', "x' or '1'='1"], noUser],
    ['for the rights of the last administrator', ['admin', 'last-admin', '--off'], lastAdmin],
    ['for disabling the last administrator', ['disable', 'last-admin'], lastAdmin],
    ['without a name', ['create'], "error: missing required argument 'username'"],
    ['with no command of that name', ['remove', 'last-admin'], "error: unknown command 'remove'"],
    [
      'with an option that it does not have',
      ['create', 'newcomer', '--password', newPassword],
      "error: unknown option '--password'",
    ],
    [
      'with a password as an argument',
      ['create', 'newcomer', newPassword],
      "error: too many arguments for 'create'. Expected 1 argument but got 2.",
    ],
  ])('%s', async (_what, args, message, given) => {
    const before = await everything();
    await expect(run(args, given)).rejects.toMatchObject({ message });
    expect(await everything()).toEqual(before);
  });
});

test('no password that an operator gave is printed or logged', async () => {
  app.logLines.length = 0;
  const printed = [await run(['create', 'quiet-one']), await run(['password', 'quiet-one'])];
  expect(app.logLines).toHaveLength(2);
  expect(printed.join() + app.logLines.join()).not.toContain(newPassword);
});

// One story on one database, because each process takes a second or two.
describe('the process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-user-'));
  let environment: Record<string, string> = {
    DATA_DIR: copyDataDir(join(directory, 'data')),
  };
  let remove = async () => {};
  beforeAll(async () => {
    if (!onPostgres) return;
    const created = await createPostgresDatabase();
    environment = { ...environment, DATABASE_URL: created.databaseUrl };
    remove = created.remove;
  });
  afterAll(async () => {
    await remove();
    rmSync(directory, { recursive: true });
  });

  async function runProcess(args: string[], stdin = '') {
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [...service.args, 'user', ...args], {
      cwd: service.cwd,
      env: { PATH, ...environment },
      timeout: 25_000,
    });
    const exited = new Promise((resolve) => child.once('close', resolve));
    // A process that never reads its input may be gone before it is written.
    child.stdin.on('error', () => {}).end(stdin);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exitCode: await exited, stdout, stderr };
  }

  test('reads the password from its input, runs the command, and exits with 0', async () => {
    const { exitCode, stdout, stderr } = await runProcess(
      ['create', 'root', '--admin'],
      `${newPassword}\n`,
    );
    expect([exitCode, stdout]).toEqual([0, 'Made the administrator root.\n']);
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { msg: 'audit', audit: { event: 'REGISTERED' } },
      { msg: 'audit', audit: { event: 'ADMIN_GRANTED' } },
    ]);
    expect(stderr).not.toContain(newPassword);
  });

  test.each([
    [['create', 'root'], newPassword, 'Sallyport cannot go on. That username is taken.\n'],
    [['sessions'], '', "error: missing required argument 'username'\n"],
    [
      ['password', 'root', 'hunter2'],
      '',
      "error: too many arguments for 'password'. Expected 1 argument but got 2.\n",
    ],
  ])('%j is refused on standard error, and exits with 1', async (args, stdin, stderr) => {
    expect(await runProcess(args, stdin)).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});
