import type { ForeignToken, Issuers, LoadedUser } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { addUser } from './account/addUser.ts';
import { recordEvent, type Scene } from './audit/audit.ts';
import type { Transaction } from './database/database.ts';
import { findLineProblem, fullNameLengths, isUuid } from './input/text.ts';
import { foldUsername } from './input/username.ts';
import { decoyHash } from './user/password.ts';
import { type UserRow, users } from './user/table.ts';

/** With what the user of another issuer can be found or made. */
export interface IssuerScene extends Pick<Scene, 'database' | 'now'> {
  /**
   * Makes a user who has no password, and comes in by tokens of the issuer alone. Null when the name is taken, or none
   * that a user can have. A full name that does not fit is left out.
   */
  readonly createUser: (
    transaction: Transaction,
    user: { readonly username: string; readonly fullName?: string | null },
  ) => Promise<UserRow | null>;
}

/**
 * Says whose a verified token of another issuer is here: a user, or their id, or null, which is USER_NOT_FOUND. A user
 * is known by `issuer` and `subject` together, and by nothing else that a token says. It is asked for each request, and
 * again in the transaction of each change, which is its database then: it must use no other.
 */
export type UserOfIssuer = (
  token: ForeignToken,
  scene: IssuerScene,
) => FoundUser | Promise<FoundUser>;

type FoundUser = string | Pick<UserRow, 'id'> | null;

/**
 * Loads the user of a token of another issuer. Whether they are active, and an administrator, the row of now says.
 */
export async function loadUserOfIssuer(
  token: ForeignToken,
  { userOfIssuer, ...scene }: Scene & { readonly userOfIssuer: UserOfIssuer },
): Promise<LoadedUser<UserRow>> {
  const { database, now } = scene;
  const found = await userOfIssuer(token, {
    database,
    now,
    createUser: (transaction, { username, fullName = null }) =>
      createUserOf(token.issuer, { ...scene, database: transaction }, { username, fullName }),
  });
  // A function in JavaScript that forgets to return, say.
  if (found === undefined) throw new TypeError('userOfIssuer returned neither a user nor null.');
  if (found === null) return { reason: 'USER_NOT_FOUND' };
  const id = typeof found === 'string' ? found : found.id;
  const [user] = isUuid(id) ? await database.select().from(users).where(eq(users.id, id)) : [];
  if (!user) return { reason: 'USER_NOT_FOUND' };
  return user.active ? { user, isAdmin: user.isAdmin } : { reason: 'USER_INACTIVE' };
}

async function createUserOf(
  issuer: string,
  scene: Scene & { readonly database: Transaction },
  names: { readonly username: string; readonly fullName: string | null },
): Promise<UserRow | null> {
  const username = foldUsername(names.username);
  if (username === null) return null;
  const isFitting = names.fullName && !findLineProblem('fullName', names.fullName, fullNameLengths);
  const newUser = {
    username,
    fullName: isFitting ? names.fullName : null,
    // That of a random text, which nobody knows.
    passwordHash: await decoyHash(),
    isAdmin: false,
  };
  const user = await addUser(scene.database, newUser, scene.now);
  if (!user) return null;
  await recordEvent(scene, { event: 'REGISTERED', actorId: user.id, userId: user.id, issuer });
  return user;
}

/**
 * The same issuers for one token alone, that of the caller: a change asks again who that is, and must wait for nobody.
 */
export function verifyOnce(issuers: Issuers): Issuers {
  let verified: ReturnType<Issuers['verify']> | null = null;
  return {
    ...issuers,
    verify(token, now) {
      verified ??= issuers.verify(token, now);
      return verified;
    },
  };
}
