import { and, eq, sql } from 'drizzle-orm';
import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { Database } from '../../src/database/database.ts';
import { users } from '../../src/user/table.ts';
import type { UserOfIssuer } from '../../src/userOfIssuer.ts';

/** Who the users of other issuers are here: a table that a server has of its own. */
export const identities = pgTable(
  'identities',
  {
    issuer: text().notNull(),
    subject: text().notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  ({ issuer, subject }) => [primaryKey({ columns: [issuer, subject] })],
);

export async function createIdentities(database: Database): Promise<void> {
  await database.execute(sql`create table if not exists identities (
    issuer text not null,
    subject text not null,
    user_id uuid not null references users (id) on delete cascade,
    primary key (issuer, subject)
  )`);
}

/** Databases are used again, by tests that know of no such table. */
export async function dropIdentities(database: Database): Promise<void> {
  await database.execute(sql`drop table identities`);
}

/** Finds the user of a token, or makes one for whom the issuer has just told of. */
export const findOrMake: UserOfIssuer = async ({ issuer, subject }, { database, createUser }) => {
  const find = async (from: Database) => {
    const isIt = and(eq(identities.issuer, issuer), eq(identities.subject, subject));
    const [found] = await from.select().from(identities).where(isIt);
    return found?.userId ?? null;
  };
  return (
    (await find(database)) ??
    (await database.transaction(async (transaction) => {
      const name = `${issuer} ${subject}`;
      await transaction.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
      const madeMeanwhile = await find(transaction);
      if (madeMeanwhile !== null) return madeMeanwhile;
      const username = `${subject}-${crypto.randomUUID().slice(0, 8)}`;
      const user = await createUser(transaction, { username, fullName: subject });
      if (!user) return null;
      await transaction.insert(identities).values({ issuer, subject, userId: user.id });
      return user.id;
    }))
  );
};
