import { expect } from 'vitest';
import {
  type Account,
  claimsOf,
  login,
  type Pair,
  refresh,
  succeeded,
} from '../support/account.ts';
import { type Answer, password, type TestApp } from '../support/app.ts';

/** What an entry of the audit log says beyond its event, address, device and time; null is left out. */
export interface Entry {
  readonly actorId?: string;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly reason?: string;
  readonly device?: string;
  readonly count?: number;
  readonly burst?: unknown;
}

/** Who is there when something happens. */
export interface Cast {
  readonly app: TestApp;
  readonly admin: Account;
  /** Only just registered, with a second session on another device. */
  readonly account: Account;
  readonly other: Pair;
}

/** Does one thing, and returns the entries that the audit log has to have about it, one for each session that ends. */
type Act = (cast: Cast) => Promise<Entry | readonly (Entry & { event?: string })[]>;

export const idOf = ({ accessToken }: Pair) => claimsOf(accessToken)['sub'] as string;
export const sessionOf = ({ accessToken }: Pair) => claimsOf(accessToken)['sid'] as string;

/** Somebody does it to themselves. */
const own = (pair: Pair) => ({ actorId: idOf(pair), userId: idOf(pair) });
const ownSession = (pair: Pair) => ({ ...own(pair), sessionId: sessionOf(pair) });

async function mutate({ ask }: TestApp, field: string, by?: Pair): Promise<Answer['data']> {
  return succeeded(await ask(`mutation { ${field} }`, by && { token: by.accessToken }));
}

const sessionEnded = { event: 'SESSION_ENDED' };

const byAdmin =
  (field: string) =>
  async ({ app, admin, account }: Cast) => {
    await mutate(app, field.replace('$id', `"${idOf(account)}"`), admin);
    return { actorId: idOf(admin), userId: idOf(account) };
  };

/** The same entry for both sessions, in the order of their ids. */
const bothOf = (one: Pair, other: Pair, entry: Entry): Entry[] =>
  [one, other].map((pair) => ({ ...entry, sessionId: sessionOf(pair) }));

/** The event, what happens, and how. */
export const scenarios: readonly (readonly [string, string, Act])[] = [
  [
    'REGISTERED',
    'a registration',
    async ({ app }) => {
      const field = `register(username: "newcomer", password: "${password}") { accessToken }`;
      return ownSession((await mutate(app, field)).register);
    },
  ],
  [
    'SIGN_IN',
    'a sign-in',
    async ({ app, account }) => ownSession(await login(app, account.username)),
  ],
  [
    'SIGN_IN',
    'a sign-in on a device with a name',
    async ({ app, account: { username } }) => {
      const field = `login(username: "${username}", password: "${password}", device: "my phone") { accessToken }`;
      return { ...ownSession((await mutate(app, field)).login), device: 'my phone' };
    },
  ],
  [
    'FRESH_SIGN_IN',
    'a password that is checked again',
    async ({ app, account }) => {
      await mutate(app, `freshLogin(password: "${password}") { fresh }`, account);
      return ownSession(account);
    },
  ],
  [
    'SIGN_IN_FAILED',
    'a sign-in with a wrong password',
    async ({ app, account }) => {
      await app.ask(`mutation { login(username: "${account.username}", password: "x") { fresh } }`);
      return { userId: idOf(account), reason: 'INVALID_CREDENTIALS' };
    },
  ],
  [
    'SIGN_IN_FAILED',
    'a sign-in with a name that nobody has',
    async ({ app }) => {
      await app.ask('mutation { login(username: "nobody", password: "x") { fresh } }');
      return { reason: 'INVALID_CREDENTIALS' };
    },
  ],
  [
    'SIGN_IN_FAILED',
    'a wrong password in a session',
    async ({ app, account }) => {
      await app.ask('mutation { freshLogin(password: "x") { fresh } }', {
        token: account.accessToken,
      });
      return { ...ownSession(account), reason: 'INVALID_CREDENTIALS' };
    },
  ],
  [
    'REFRESH_REUSED',
    'a refresh token that is used again',
    async ({ app, account }) => {
      app.clock.advance(10);
      const { refreshToken } = succeeded(await refresh(app, account.refreshToken)).refresh;
      app.clock.advance(10);
      await refresh(app, refreshToken);
      await refresh(app, account.refreshToken);
      return { userId: idOf(account), sessionId: sessionOf(account) };
    },
  ],
  [
    'SESSION_ENDED',
    'a logout that is done twice',
    async ({ app, account }) => {
      await mutate(app, 'logout', account);
      await mutate(app, 'logout', account);
      return { ...ownSession(account), reason: 'logout' };
    },
  ],
  [
    'SESSION_ENDED',
    'a logout everywhere',
    async ({ app, account, other }) => {
      await mutate(app, 'logoutEverywhere', account);
      return bothOf(account, other, { ...own(account), reason: 'everywhere' });
    },
  ],
  [
    'SESSION_ENDED',
    'the end of another device’s session',
    async ({ app, account, other }) => {
      await mutate(app, `endSession(id: "${sessionOf(other)}")`, account);
      return { ...ownSession(other), reason: 'ended' };
    },
  ],
  [
    'SESSION_ENDED',
    'sessions that an administrator ends',
    async (cast) => {
      const entry = await byAdmin('endUserSessions(id: $id)')(cast);
      return bothOf(cast.account, cast.other, { ...entry, reason: 'by an administrator' });
    },
  ],
  [
    'PASSWORD_CHANGED',
    'a change of password',
    async ({ app, account, other }) => {
      await mutate(app, 'changePassword(newPassword: "a stapler and a lamp") { fresh }', account);
      return [ownSession(account), { ...ownSession(other), ...sessionEnded, reason: 'password' }];
    },
  ],
  [
    'USER_DISABLED',
    'a disabled user',
    async (cast) => {
      const entry = await byAdmin('setUserActive(id: $id, active: false) { id }')(cast);
      const ended = bothOf(cast.account, cast.other, { ...entry, reason: 'disabled' });
      return [entry, ...ended.map((each) => ({ ...each, ...sessionEnded }))];
    },
  ],
  ['USER_ENABLED', 'an enabled user', byAdmin('setUserActive(id: $id, active: true) { id }')],
  ['ADMIN_GRANTED', 'a new administrator', byAdmin('setUserAdmin(id: $id, admin: true) { id }')],
  ['ADMIN_REVOKED', 'a former one', byAdmin('setUserAdmin(id: $id, admin: false) { id }')],
  [
    'ACCOUNT_DELETED',
    'an account that is deleted',
    async ({ app, account, other }) => {
      await mutate(app, 'deleteAccount', account);
      const ended = bothOf(account, other, { ...own(account), reason: 'account deleted' });
      return [own(account), ...ended.map((each) => ({ ...each, ...sessionEnded }))];
    },
  ],
  [
    'ADMIN_REFUSED',
    'administration by somebody who is no administrator, again and again',
    async ({ app, account }) => {
      for (const field of ['endUserSessions', 'setUserActive', 'endUserSessions']) {
        const args = `id: "${idOf(account)}"${field === 'setUserActive' ? ', active: true' : ''}`;
        const payload = field === 'setUserActive' ? '{ id }' : '';
        await app.ask(`mutation { ${field}(${args}) ${payload} }`, { token: account.accessToken });
      }
      const reason = 'ADMIN_REQUIRED: endUserSessions';
      return { ...ownSession(account), reason, count: 3, burst: expect.any(String) };
    },
  ],
  [
    'ADMIN_REFUSED',
    'an administrator whose password check is too long ago',
    async ({ app, admin, account }) => {
      const { refresh: stale } = succeeded(await refresh(app, admin.refreshToken));
      const field = `setUserAdmin(id: "${idOf(account)}", admin: true) { id }`;
      await app.ask(`mutation { ${field} }`, { token: stale.accessToken });
      const reason = 'FRESH_TOKEN_REQUIRED: setUserAdmin';
      return { ...ownSession(admin), reason, burst: expect.any(String) };
    },
  ],
  [
    'ADMIN_REFUSED',
    'the audit log and the rights of others, asked for by anybody',
    async ({ app, account: { accessToken: token }, account }) => {
      await app.ask('{ auditLog { edges { cursor } } }', { token });
      await app.ask('{ me { id active } }', { token });
      await app.ask('mutation { createItem(name: "", price: 1) { id } }', { token });
      const reason = 'ADMIN_REQUIRED: auditLog';
      return { ...ownSession(account), reason, count: 2, burst: expect.any(String) };
    },
  ],
  [
    'API_TOKEN_CREATED',
    'a new API token',
    async ({ app, account }) => {
      const made = await mutate(app, 'createApiToken(name: "x") { apiToken { id } }', account);
      return { ...own(account), reason: made.createApiToken.apiToken.id };
    },
  ],
];
