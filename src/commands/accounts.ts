import { text as readStream } from 'node:stream/consumers';
import askPassword from '@inquirer/password';
import { createAccount } from '../account/createAccount.ts';
import { endUserSessions } from '../account/endUserSessions.ts';
import { setPassword } from '../account/setPassword.ts';
import { setUserActive } from '../account/setUserActive.ts';
import { setUserAdmin } from '../account/setUserAdmin.ts';
import { withoutInvisible } from '../input/invisible.ts';
import { findPasswordProblem } from '../input/passwordProblem.ts';
import { fullNameLengths, readLine } from '../input/text.ts';
import { foldUsername, usernameRule } from '../input/username.ts';
import { isWellFormed } from '../input/wellFormedText.ts';
import { listSessions } from '../session/session.ts';
import type { UserRow } from '../user/table.ts';
import { findUserByName } from '../user/user.ts';
import type { Operator } from './user.ts';

export async function create(
  operator: Operator,
  name: string,
  { admin = false, fullName: shown = '' }: { admin?: boolean; fullName?: string },
): Promise<void> {
  const { scene, print } = operator;
  const username = foldUsername(name);
  if (username === null) throw new Error(usernameRule);
  const fullName = shown ? readLine('fullName', shown, fullNameLengths) : null;
  const password = await readNewPassword(operator, { username, fullName });
  const newUser = { username, password, fullName, isAdmin: admin };
  const user = await createAccount({ operator: scene }, newUser);
  if (!user) throw new Error('That username is taken.');
  print(`Made ${admin ? 'the administrator' : 'the account'} ${username}.`);
}

export async function changePassword(operator: Operator, name: string): Promise<void> {
  const user = await requireUser(operator, name);
  const newPassword = await readNewPassword(operator, user);
  await setPassword({ operator: operator.scene }, user, newPassword);
  operator.print(
    `Changed the password of ${user.username}, ended all sessions and revoked all API tokens.`,
  );
}

export async function setAdmin(operator: Operator, name: string, isAdmin: boolean): Promise<void> {
  const { id: userId, username } = await requireUser(operator, name);
  await setUserAdmin({ operator: operator.scene }, { userId, isAdmin });
  operator.print(`${username} is ${isAdmin ? '' : 'no longer '}an administrator.`);
}

export async function setActive(operator: Operator, name: string, active: boolean): Promise<void> {
  const { id: userId, username } = await requireUser(operator, name);
  await setUserActive({ operator: operator.scene }, { userId, active });
  operator.print(`The account ${username} is ${active ? 'enabled' : 'disabled'}.`);
}

export async function showSessions(
  operator: Operator,
  name: string,
  { end = false }: { end?: boolean },
): Promise<void> {
  const { scene, print } = operator;
  const { id: userId } = await requireUser(operator, name);
  const sessions = await listSessions(scene.database, userId, scene.now);
  for (const { id, createdAt, lastUsedAt, ip, device, userAgent } of sessions) {
    const times = `since ${createdAt.toISOString()}, last used ${lastUsedAt.toISOString()}`;
    const client = withoutInvisible(device ?? userAgent ?? '');
    print(`${id}  ${times}, from ${ip}  ${client}`.trimEnd());
  }
  if (end) await endUserSessions({ operator: scene }, userId);
  print(`${sessions.length} session${sessions.length === 1 ? '' : 's'}${end ? ' ended' : ''}.`);
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
