import { text as readStream } from 'node:stream/consumers';
import askPassword from '@inquirer/password';
import { Command } from 'commander';
import { createAccount } from '../account/createAccount.ts';
import { endUserSessions } from '../account/endUserSessions.ts';
import { setPassword } from '../account/setPassword.ts';
import { setUserActive } from '../account/setUserActive.ts';
import { setUserAdmin } from '../account/setUserAdmin.ts';
import type { Scene } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import { withoutInvisible } from '../input/invisible.ts';
import { findPasswordProblem } from '../input/passwordProblem.ts';
import { fullNameLengths, readLine } from '../input/text.ts';
import { foldUsername, usernameRule } from '../input/username.ts';
import { isWellFormed } from '../input/wellFormedText.ts';
import { listSessions } from '../session/session.ts';
import type { UserRow } from '../user/table.ts';
import { findUserByName } from '../user/user.ts';

/** What a command of the operator works on. It has no client: nobody signed in. */
export interface Operator {
  readonly scene: Scene;
  readonly config: Config;
  /** Reads a password without showing it; never from the arguments, which other users of the machine can read. */
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
        const fullName = shown ? readLine('fullName', shown, fullNameLengths) : null;
        const password = await readNewPassword(operator, { username, fullName });
        const newUser = { username, password, fullName, isAdmin: admin };
        const user = await createAccount({ operator: scene }, newUser);
        if (!user) throw new Error('That username is taken.');
        print(`Made ${admin ? 'the administrator' : 'the account'} ${username}.`);
      }),
    );

  command
    .command('password <username>')
    .description(
      'Set a new password, end all sessions and revoke all API tokens. Asks for it, or reads standard input.',
    )
    .action((name: string) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, name);
        const newPassword = await readNewPassword(operator, user);
        await setPassword({ operator: operator.scene }, user, newPassword);
        operator.print(
          `Changed the password of ${user.username}, ended all sessions and revoked all API tokens.`,
        );
      }),
    );

  command
    .command('admin <username>')
    .description('Make a user an administrator.')
    .option('--off', 'make them one no longer')
    .action((name: string, { off = false }) =>
      withOperator(async (operator) => {
        const { id: userId, username } = await requireUser(operator, name);
        await setUserAdmin({ operator: operator.scene }, { userId, isAdmin: !off });
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
        await setUserActive({ operator: operator.scene }, { userId, active: off });
        operator.print(`The account ${username} is ${off ? 'enabled' : 'disabled'}.`);
      }),
    );

  command
    .command('sessions <username>')
    .description('List the sessions of a user.')
    .option('--end', 'end them, and revoke the API tokens')
    .action((name: string, { end = false }) =>
      withOperator(async (operator) => {
        const { scene, print } = operator;
        const { id: userId } = await requireUser(operator, name);
        const sessions = await listSessions(scene.database, userId, scene.now);
        for (const { id, createdAt, lastUsedAt, ip, device, userAgent } of sessions) {
          const times = `since ${createdAt.toISOString()}, last used ${lastUsedAt.toISOString()}`;
          const client = withoutInvisible(device ?? userAgent ?? '');
          print(`${id}  ${times}, from ${ip}  ${client}`.trimEnd());
        }
        if (end) await endUserSessions({ operator: scene }, userId);
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

async function readNewPassword(
  { config, readPassword }: Operator,
  { username, fullName }: Pick<UserRow, 'username' | 'fullName'>,
) {
  const password = await readPassword();
  if (!isWellFormed(password)) throw new Error('A password is text, without NUL.');
  const problem = findPasswordProblem(password, { ...config.passwords, username, fullName });
  if (problem) throw new Error(problem);
  return password;
}

async function requireUser({ scene }: Operator, name: string): Promise<UserRow> {
  const username = foldUsername(name);
  const user = username === null ? null : await findUserByName(scene.database, username);
  if (!user) throw new Error('There is no such user.');
  return user;
}
