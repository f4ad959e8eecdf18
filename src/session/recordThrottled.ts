import { recordBurst } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import { clientNetworkOf } from '../throttle/networkOf.ts';

/**
 * Writes to the audit log that the throttle refused a sign-in, once for each burst, and throws the refusal again. There
 * is one burst for each account. Names that nobody has can be made up without end, so those share the burst of their
 * network.
 */
export async function recordThrottled(
  context: Context,
  { userId, sessionId }: { userId: string | null; sessionId: string | null },
  refusal: unknown,
): Promise<never> {
  if (refusal instanceof ApiError && refusal.extensions['code'] === 'RATE_LIMITED') {
    const subject = userId ?? sessionId ?? clientNetworkOf(context.client.ip);
    await recordBurst(context, subject, {
      event: 'SIGN_IN_THROTTLED',
      actorId: context.user?.id ?? null,
      userId,
      sessionId,
      reason: 'RATE_LIMITED',
    });
  }
  throw refusal;
}
