import { setImmediate } from 'node:timers/promises';
import type { Context } from '../context.ts';
import {
  findLengthProblem,
  findPasswordProblem,
  type PasswordRules,
} from '../input/passwordProblem.ts';
import { visitorOf } from '../session/inTurnOf.ts';
import { hashQueue } from '../user/password.ts';

/**
 * Why a password may not be chosen, as findPasswordProblem says, in a turn of the queue of hashes. To judge one takes
 * milliseconds in which this process does nothing else, so who sends many must not come before everybody.
 *
 * @throws RATE_LIMITED
 */
export async function judgePassword(
  context: Context,
  password: string,
  names: Pick<PasswordRules, 'username' | 'fullName'>,
): Promise<string | null> {
  const tooLong = findLengthProblem(password);
  if (tooLong) return tooLong;
  const judge = async () => {
    // One turn begins where another ends. What came in meanwhile is read in between.
    await setImmediate();
    return findPasswordProblem(password, { ...context.config.passwords, ...names });
  };
  const visitor = visitorOf(context, context.user?.id ?? null);
  return await hashQueue.enter(visitor, (turn) => turn(judge));
}
