import { type SQL, sql } from 'drizzle-orm';
import { type Rider, rider } from '../database/riders.ts';
import { users } from '../user/table.ts';
import { homeNetworkOf } from './networkOf.ts';
import { knownNetworks } from './table.ts';

const day = 24 * 60 * 60 * 1000;
const maximumNetworksOfUser = 50;

/** How long a network or a device is known after an account was entered from it. */
export const knownMilliseconds = 90 * day;

/** Selects the `id` of a name's user, and as `is_known` whether they entered from the network in the last 90 days. */
export function selectSuspect(username: string, ip: string, now: Date): SQL {
  const unknownSince = new Date(now.getTime() - knownMilliseconds);
  return sql`select id, exists (
      select from ${knownNetworks} where user_id = users.id and network = ${homeNetworkOf(ip)}
        and entered_at > ${unknownSince.toISOString()}
    ) as is_known
    from ${users} where username = ${username}`;
}

/**
 * Remembers that an account was entered from an address, and writes that once a day. Beyond 50 networks, those of the
 * oldest sign-ins are forgotten. The statement that they ride in belongs to a transaction that has the user locked.
 */
export function rememberNetwork(userId: string, ip: string, now: Date): Rider[] {
  const network = homeNetworkOf(ip);
  const yesterday = new Date(now.getTime() - day).toISOString();
  return [
    rider(
      'forgotten_networks',
      sql`delete from ${knownNetworks} where user_id = ${userId} and network in (
        select network from ${knownNetworks} where user_id = ${userId} and network <> ${network}
        order by entered_at desc offset ${maximumNetworksOfUser - 1}
      )`,
    ),
    rider(
      'remembered_network',
      sql`insert into ${knownNetworks} (user_id, network, entered_at)
        values (${userId}, ${network}, ${now.toISOString()})
        on conflict (user_id, network) do update set entered_at = excluded.entered_at
        where known_networks.entered_at < ${yesterday}`,
    ),
  ];
}
