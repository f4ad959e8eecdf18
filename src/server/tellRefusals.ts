import type { Refused } from '@sallyport/guards';
import type { Context } from '../context.ts';
import type { TellRefusal } from '../defineServer.ts';
import { describeError } from '../errors.ts';

/** Logs whom a guard in dry run would refuse, and passes each refusal on to what the server has of its own for them. */
export function tellRefusals(own: TellRefusal | null) {
  // The context of a resolver is the one of a request.
  return (refused: Refused, given: object | null) => {
    const context = given as Context | null;
    if (refused.isDryRun) logTrial(refused, context);
    own?.(refused, context);
  };
}

function logTrial({ coordinate, error }: Refused, context: Context | null): void {
  const userId = context?.user?.id ?? null;
  context?.log.warn(
    { coordinate, userId, error: describeError(error) },
    'a guard in dry run would refuse this',
  );
}
