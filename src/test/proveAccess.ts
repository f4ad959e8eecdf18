import {
  type AccessProof,
  type Authentication,
  callers,
  type Guard,
  type Guards,
  proveAccess as proveSchema,
  signedIn,
} from '@sallyport/guards';
import { defineServer, type ServerDefinition } from '../defineServer.ts';
import { ApiError } from '../errors.ts';
import { createGuards } from '../guards.ts';
import { createSchema } from '../schema.ts';

interface Passes {
  readonly passes: readonly string[];
}

/**
 * Proves that nobody gets around a guard of a server, those of its own included: sends operations for every guarded
 * field, over every way that leads to it, as each kind of caller, through both doors. For each guard of its own there
 * is a caller whom it lets through and one whom it refuses: a stand-in takes its place. What it decides, a test of the
 * guard has to say.
 *
 * @throws Error with the operations for which something else came out than should
 *
 * @example
 * const { operations } = await proveAccess(defineServer());
 * console.log(operations > 100); // true
 */
export async function proveAccess(
  definition: ServerDefinition = defineServer(),
): Promise<AccessProof> {
  const seeing = Object.entries(definition.guards).filter(([, guard]) => isKept(guard));
  const names = Object.keys(definition.guards).filter((name) => !isKept(definition.guards[name]));
  // What counts as fresh makes no difference to the proof.
  const own = { ...standIns(names), ...Object.fromEntries(seeing) };
  const guards = createGuards({ freshSeconds: 300 }, own);
  return await proveSchema(createSchema(guards, definition.features), {
    guards,
    callers: callersFor(names),
  });
}

// For what sees more, the engine's proof has stand-ins, and objects and arguments that they let pass. What is in dry
// run refuses nobody.
function isKept(guard: Guard | undefined): boolean {
  return typeof guard === 'object' && (guard.kind !== 'caller' || guard.isDryRun === true);
}

function standIns(names: readonly string[]): Guards {
  const standIn = (name: string) =>
    signedIn<Passes>(({ user }) =>
      user.passes.includes(name) ? null : new ApiError('FORBIDDEN', `Refused by @${name}.`),
    );
  return Object.fromEntries(names.map((name) => [name, standIn(name)]));
}

function callersFor(names: readonly string[]): Record<string, Authentication> {
  if (names.length === 0) return {};
  const whoPasses = (passes: readonly string[]): Authentication => ({
    ...callers.user,
    user: { passes },
  });
  const refused = names.map((name) => [
    `refused by @${name}`,
    whoPasses(names.filter((other) => other !== name)),
  ]);
  return { 'passing every guard': whoPasses(names), ...Object.fromEntries(refused) };
}
