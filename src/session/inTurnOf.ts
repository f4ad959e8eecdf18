import type { Context } from '../context.ts';
import { homeNetworkOf } from '../throttle/networkOf.ts';
import type { Visitor } from '../user/fairQueue.ts';

type Request = Pick<Context, 'client' | 'onClientGone' | 'authentication' | 'accountTurns'>;

/** The visitor of a queue: an account or a session, or null for clients without one, and the network of the request. */
export function visitorOf(
  { client, onClientGone }: Pick<Request, 'client' | 'onClientGone'>,
  account: string | null,
): Visitor {
  return { network: homeNetworkOf(client.ip), account, onGone: onClientGone };
}

/**
 * Does work that waits for rows of an account when it is the turn of this request. Work of an account must not ask for
 * another turn of it: that would wait for its own end.
 *
 * @throws RATE_LIMITED when too many of the account wait already
 */
export async function inTurnOf<Result>(
  request: Request,
  account: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { authentication } = request;
  const session =
    authentication?.status === 'authenticated' ? (authentication.claims?.sid ?? null) : null;
  return await request.accountTurns(account, visitorOf(request, session), work);
}
