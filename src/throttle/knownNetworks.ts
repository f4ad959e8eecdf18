import { and, eq, gt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../database/database.ts';
import { type UserRow, users } from '../user/table.ts';
import { homeNetworkOf } from './networkOf.ts';
import { knownNetworks } from './table.ts';

const day = 24 * 60 * 60 * 1000;
const maximumNetworksOfUser = 50;

/** How long a network or a device is known after an account was entered from it. */
export const knownMilliseconds = 90 * day;

/** Finds the user of a name, and whether the account was entered from the network of an address in the last 90 days. */
export async function findUserFrom(
  database: Database,
  username: string,
  ip: string,
  now: Date,
): Promise<{ user: UserRow | null; isNetworkKnown: boolean }> {
  const [found] = await database
    .select({ user: users, network: knownNetworks.network })
    .from(users)
    .leftJoin(
      knownNetworks,
      and(
        eq(knownNetworks.userId, users.id),
        eq(knownNetworks.network, homeNetworkOf(ip)),
        gt(knownNetworks.enteredAt, new Date(now.getTime() - knownMilliseconds)),
      ),
    )
    .where(eq(users.username, username));
  return { user: found?.user ?? null, isNetworkKnown: Boolean(found && found.network !== null) };
}

/**
 * Remembers that an account was entered from an address, with one statement that writes once a day. Beyond 50 networks,
 * those of the oldest sign-ins are forgotten. The transaction is that of the sign-in, which has the user locked.
 */
export async function rememberNetwork(
  database: Transaction,
  userId: string,
  ip: string,
  now: Date,
): Promise<void> {
  const network = homeNetworkOf(ip);
  const yesterday = new Date(now.getTime() - day).toISOString();
  await database.execute(sql`
    with forgotten as (
      delete from ${knownNetworks} where user_id = ${userId} and network in (
        select network from ${knownNetworks} where user_id = ${userId} and network <> ${network}
        order by entered_at desc offset ${maximumNetworksOfUser - 1}
      )
    )
    insert into ${knownNetworks} (user_id, network, entered_at)
    values (${userId}, ${network}, ${now.toISOString()})
    on conflict (user_id, network) do update set entered_at = excluded.entered_at
    where known_networks.entered_at < ${yesterday}
  `);
}
