import { GraphQLError } from 'graphql';
import { type Guards, toKind } from '../guardKinds.ts';
import type { StubObject } from './stubSchema.ts';

/**
 * The guards of a schema, for its stub: those that see arguments or an object decide by whether these are the caller's
 * own, because the arguments and objects of the schema itself are not there.
 */
export function standInsFor(guards: Guards): Guards {
  return Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => {
      const kind = toKind(guard);
      const judge = (seen: unknown) =>
        (seen as Partial<StubObject> | null)?.isOwn === true
          ? null
          : new GraphQLError(`Refused by @${name}.`);
      if (kind?.kind === 'argument') {
        const { argumentOf: _argumentOf, ...argumentGuard } = kind;
        const decide: typeof kind.decide = (_caller, _args, seen) => judge(seen);
        return [name, { ...argumentGuard, decide }];
      }
      if (kind?.kind !== 'object') return [name, guard];
      const decide: typeof kind.decide = (caller, args, object) =>
        kind.exempts?.(caller, args) ? null : judge(object);
      return [name, { ...kind, decide }];
    }),
  );
}
