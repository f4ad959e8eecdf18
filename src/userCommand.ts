import { text as readStream } from 'node:stream/consumers';
import askPassword from '@inquirer/password';
import { Command } from 'commander';
import { type AuditEntry, recordEvent, type Scene } from './audit/audit.ts';
import type { Config } from './config.ts';
import { endSessionsOf, listSessions } from './session/session.ts';
import { readLine } from './text.ts';
import { createByOperator, setActive, setAdmin, setPassword } from './user/account.ts';
import { findPasswordProblem, hashPassword } from './user/password.ts';
import type { UserRow } from './user/table.ts';
import { findUserByName } from './user/user.ts';
import { foldUsername, usernameRule } from './user/username.ts';
import { isWellFormed } from './wellFormedText.ts';

/** What a command of the operator works on. It has no client: nobody signed in. */
export interface Operator {
  readonly scene: Scene;
  readonly config: Config;
  /** Reads a password that nobody sees. It never comes from the arguments, which other users of the machine can read. */
  readonly readPassword: () => Promise<string>;
  readonly print: (line: string) => void;
}

/** `user …`: what an operator does to accounts without signing in. `withOperator` opens the database and closes it. */
export function userCommand(
  withOperator: (act: (operator: Operator) => Promise<void>) => Promise<void>,
) {
  const command = new Command('user').description('Manage accounts.');

  command
    .command('create <username>')
    .description('Make an account. Asks for the password, or reads it from standard input.')
    .option('--admin', 'make it an administrator')
    .option('--full-name <name>', 'the name to show to people')
    .action((name: string, { admin = false, fullName: shown = '' }) =>
      withOperator(async (operator) => {
        const { scene, print } = operator;
        const username = foldUsername(name);
        if (username === null) throw new Error(usernameRule);
        const fullName = shown
          ? readLine('fullName', shown, { minLength: 0, maxLength: 200 })
          : null;
        const passwordHash = await readNewPassword(operator, username);
        const newUser = { username, passwordHash, fullName, isAdmin: admin };
        const user = await createByOperator(scene, newUser);
        if (!user) throw new Error('That username is taken.');
        print(`Made ${admin ? 'the administrator' : 'the account'} ${username}.`);
      }),
    );

  command
    .command('password <username>')
    .description('Set a new password and end all sessions. Asks for it, or reads standard input.')
    .action((name: string) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, name);
        const passwordHash = await readNewPassword(operator, user.username);
        await change(operator, { event: 'PASSWORD_CHANGED', userId: user.id }, async (scene) => {
          const changed = await setPassword(scene.database, user, passwordHash);
          if (!changed)
            throw new Error('The account is disabled, or was changed at the same time.');
          await endSessionsOf(scene.database, user.id, 'password', scene.now);
        });
        operator.print(`Changed the password of ${user.username} and ended all sessions.`);
      }),
    );

  command
    .command('admin <username>')
    .description('Make a user an administrator.')
    .option('--off', 'make them one no longer')
    .action((name: string, { off = false }) =>
      withOperator(async (operator) => {
        const { id: userId, username } = await requireUser(operator, name);
        const event = off ? 'ADMIN_REVOKED' : 'ADMIN_GRANTED';
        await change(operator, { event, userId }, ({ database }) =>
          setAdmin(database, userId, !off),
        );
        operator.print(`${username} is ${off ? 'no longer ' : ''}an administrator.`);
      }),
    );

  command
    .command('disable <username>')
    .description('Disable an account and end its sessions.')
    .option('--off', 'enable it again')
    .action((name: string, { off = false }) =>
      withOperator(async (operator) => {
        const { id: userId, username } = await requireUser(operator, name);
        const event = off ? 'USER_ENABLED' : 'USER_DISABLED';
        await change(operator, { event, userId }, async ({ database, now }) => {
          await setActive(database, userId, off);
          if (!off) await endSessionsOf(database, userId, 'disabled', now);
        });
        operator.print(`The account ${username} is ${off ? 'enabled' : 'disabled'}.`);
      }),
    );

  command
    .command('sessions <username>')
    .description('List the sessions of a user.')
    .option('--end', 'end them')
    .action((name: string, { end = false }) =>
      withOperator(async (operator) => {
        const { scene, print } = operator;
        const { id: userId } = await requireUser(operator, name);
        const sessions = await listSessions(scene.database, userId, scene.now);
        for (const { id, createdAt, lastUsedAt, ip, device, userAgent } of sessions) {
          const times = `since ${createdAt.toISOString()}, last used ${lastUsedAt.toISOString()}`;
          print(`${id}  ${times}, from ${ip}  ${device ?? userAgent ?? ''}`.trimEnd());
        }
        if (end) {
          const entry = { event: 'SESSION_ENDED', userId } as const;
          await change(operator, entry, async ({ database, now }) => {
            await endSessionsOf(database, userId, 'admin', now);
          });
        }
        print(
          `${sessions.length} session${sessions.length === 1 ? '' : 's'}${end ? ' ended' : ''}.`,
        );
      }),
    );

  return command;
}

/** Asks twice at a terminal; elsewhere takes standard input, without the line break at its end. */
export async function readPasswordFromOperator(): Promise<string> {
  if (!process.stdin.isTTY) return (await readStream(process.stdin)).replace(/\r?\n$/, '');
  const password = await askPassword({ message: 'Password:', mask: true });
  const repeated = await askPassword({ message: 'Once more:', mask: true });
  if (password !== repeated) throw new Error('The two passwords are not the same.');
  return password;
}

async function readNewPassword({ config, readPassword }: Operator, username: string) {
  const password = await readPassword();
  if (!isWellFormed(password)) throw new Error('A password is text, without NUL.');
  const rules = { minLength: config.passwordMinLength, username };
  const problem = findPasswordProblem(password, rules);
  if (problem) throw new Error(problem);
  return await hashPassword(password);
}

async function requireUser({ scene }: Operator, name: string): Promise<UserRow> {
  const username = foldUsername(name);
  const user = username === null ? null : await findUserByName(scene.database, username);
  if (!user) throw new Error('There is no such user.');
  return user;
}

// The change and its entry in the audit log, both or neither.
async function change(
  { scene }: Operator,
  entry: AuditEntry,
  work: (scene: Scene) => Promise<unknown>,
): Promise<void> {
  await scene.database.transaction(async (database) => {
    await work({ ...scene, database });
    await recordEvent({ ...scene, database }, { reason: 'operator', ...entry });
  });
}
