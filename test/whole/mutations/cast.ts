import { randomBytes, randomUUID } from 'node:crypto';
import { createApiToken, createKeyRing, createTokens } from '@sallyport/guards';
import { count, sql } from 'drizzle-orm';
import { apiTokens } from '../../../src/apiToken/table.ts';
import { auditEvents } from '../../../src/audit/table.ts';
import { openSession } from '../../../src/session/session.ts';
import { isLive } from '../../../src/session/sessionLife.ts';
import { sessions } from '../../../src/session/table.ts';
import { issueTokenPair, type TokenPair } from '../../../src/session/tokenPair.ts';
import { hashPassword } from '../../../src/user/password.ts';
import { users } from '../../../src/user/table.ts';
import { createUser } from '../../../src/user/user.ts';
import { claimsOf } from '../../support/account.ts';
import { password, secretKey, type TestApp } from '../../support/app.ts';
import { items } from '../../support/items/table.ts';

/** An administrator with two sessions and an API token, another user, and an item. */
export interface Cast {
  readonly username: string;
  readonly userId: string;
  readonly pair: TokenPair;
  readonly sessionId: string;
  readonly otherSessionId: string;
  readonly apiToken: string;
  readonly apiTokenId: string;
  readonly targetId: string;
  readonly targetApiTokenId: string;
  readonly item: string;
}

let passwordHash: Promise<string> | null = null;

/** Puts a new cast into the database, without the password checks that a sign-in costs. */
export async function newCast({ database, config, clock: { now } }: TestApp): Promise<Cast> {
  passwordHash ??= hashPassword(password);
  const hash = await passwordHash;
  const add = async (isAdmin: boolean) => {
    const username = `user-${randomUUID()}`;
    const newUser = { username, passwordHash: hash, fullName: null, isAdmin };
    const user = await createUser(database, newUser, now);
    if (!user) throw new Error('The name is taken.');
    return user;
  };
  const open = async (user: { id: string; credentialEpoch: number }) => {
    const origin = { device: null, ip: '127.0.0.1', userAgent: null };
    const session = await database.transaction((transaction) =>
      openSession(transaction, user, origin, config.jwt, now),
    );
    if (!session) throw new Error('No session was opened.');
    return await issueTokenPair(session, {
      tokens: tokensOf(config),
      config,
      now,
      cookies: null,
      additionalClaims: async () => ({}),
      fresh: true,
    });
  };
  const [user, target] = [await add(true), await add(false)];
  const [pair, other] = [await open(user), await open(user)];
  await open(target);
  const addApiToken = async (userId: string) => {
    const { token, hash } = createApiToken();
    const row = { userId, hash, name: 'backup', createdAt: now };
    const [added] = await database.insert(apiTokens).values(row).returning();
    return { token, id: added?.id ?? '' };
  };
  const [apiToken, others] = [await addApiToken(user.id), await addApiToken(target.id)];
  const item = `item ${randomBytes(8).toString('hex')}`;
  await database.insert(items).values({ name: item, price: 1 });
  return {
    username: user.username,
    userId: user.id,
    pair,
    sessionId: claimsOf(pair.accessToken)['sid'] as string,
    otherSessionId: claimsOf(other.accessToken)['sid'] as string,
    apiToken: apiToken.token,
    apiTokenId: apiToken.id,
    targetId: target.id,
    targetApiTokenId: others.id,
    item,
  };
}

function tokensOf({ jwt }: TestApp['config']) {
  return createTokens({
    keys: createKeyRing({ secret: secretKey }),
    issuer: jwt.issuer,
    audience: jwt.audience,
    lifeSeconds: {
      access: jwt.accessTokenExpiresInSeconds,
      refresh: jwt.refreshIdleExpiresInSeconds,
    },
    leewaySeconds: jwt.leewaySeconds,
  });
}

/** Every mutation as the cast's administrator sends it; some also turned against the administrator. */
export const mutations = {
  register: () =>
    `register(username: "n${randomBytes(8).toString('hex')}", password: "${password}") { fresh }`,
  login: ({ username }) => `login(username: "${username}", password: "${password}") { fresh }`,
  refresh: ({ pair }) => `refresh(refreshToken: "${pair.refreshToken}") { fresh }`,
  freshLogin: () => `freshLogin(password: "${password}") { fresh }`,
  logout: () => 'logout',
  logoutEverywhere: () => 'logoutEverywhere',
  endSession: ({ otherSessionId }) => `endSession(id: "${otherSessionId}")`,
  endOwnSession: ({ sessionId }) => `endSession(id: "${sessionId}")`,
  changePassword: () => 'changePassword(newPassword: "a stapler and a battery") { fresh }',
  deleteAccount: () => 'deleteAccount',
  createItem: () => `createItem(name: "${randomUUID()}", price: 1) { id }`,
  updateItem: ({ item }) => `updateItem(name: "${item}", price: 2) { id }`,
  deleteItem: ({ item }) => `deleteItem(name: "${item}")`,
  setUserActive: ({ targetId }) => `setUserActive(id: "${targetId}", active: false) { id }`,
  disableOneself: ({ userId }) => `setUserActive(id: "${userId}", active: false) { id }`,
  setUserAdmin: ({ targetId }) => `setUserAdmin(id: "${targetId}", admin: true) { id }`,
  demoteOneself: ({ userId }) => `setUserAdmin(id: "${userId}", admin: false) { id }`,
  endUserSessions: ({ targetId }) => `endUserSessions(id: "${targetId}")`,
  endOwnSessions: ({ userId }) => `endUserSessions(id: "${userId}")`,
  createApiToken: () => 'createApiToken(name: "x") { apiToken { id } }',
  revokeApiToken: ({ apiTokenId }) => `revokeApiToken(id: "${apiTokenId}")`,
  revokeUserApiToken: ({ targetApiTokenId }) => `revokeUserApiToken(id: "${targetApiTokenId}")`,
} as const satisfies Record<string, (cast: Cast) => string>;

export type MutationName = keyof typeof mutations;
export const mutationNames = Object.keys(mutations) as MutationName[];

/** Writes a mutation of the cast down. */
export function write(name: MutationName, cast: Cast): string {
  return mutations[name](cast);
}

/** Those that let everybody in, those that only administrators reach, and those of the example feature. */
export const publicMutations: readonly MutationName[] = ['register', 'login', 'refresh', 'logout'];
export const adminMutations: readonly MutationName[] = [
  'deleteItem',
  'setUserActive',
  'disableOneself',
  'setUserAdmin',
  'demoteOneself',
  'endUserSessions',
  'endOwnSessions',
  'revokeUserApiToken',
];
export const itemMutations: readonly MutationName[] = ['createItem', 'updateItem', 'deleteItem'];
export const credentialMutations: readonly MutationName[] = [
  'register',
  'login',
  'refresh',
  'freshLogin',
  'changePassword',
];

/** How much of everything there is, but for what the audit log says of refusals: those change nothing. */
export async function countAll({ database, clock }: TestApp): Promise<Record<string, number>> {
  const live = database.select({ count: count() }).from(sessions).where(isLive(clock.now));
  const { rows } = await database.execute<Record<string, number>>(sql`select
    (select count(*) from ${users})::int as users,
    (select count(*) from ${users} where ${users.isAdmin})::int as administrators,
    (select count(*) from ${users} where ${users.active})::int as active,
    (${live})::int as sessions,
    (select count(*) from ${apiTokens})::int as tokens,
    (select count(*) from ${items})::int as items,
    (select sum(${items.price}) from ${items})::int as prices,
    (select count(*) from ${auditEvents} where ${auditEvents.event} <> 'ADMIN_REFUSED')::int as events`);
  return rows[0] ?? {};
}
