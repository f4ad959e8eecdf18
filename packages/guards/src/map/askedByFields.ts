import type { GraphQLField, GraphQLObjectType } from 'graphql';
import type { Guards } from '../guardKinds.ts';
import type { Requirement } from '../requirements.ts';
import type { RequirementOrder } from './requirementOrder.ts';
import { atPlace } from './strength.ts';

/** What a field asks, at its place, and everything that this implies. */
interface Asked {
  readonly asked: readonly Requirement[];
  readonly more: bigint;
}

export type AskedBy = (type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => Asked;

/** Finds what fields ask, once of each: the ways over a field can be very many. */
export function askedByFields(guards: Guards, { everythingImplied }: RequirementOrder): AskedBy {
  const known = new WeakMap<GraphQLField<unknown, unknown>, Asked>();
  return (type, field) => {
    const before = known.get(field);
    if (before) return before;
    const place = { typeName: type.name, fieldName: field.name };
    const asked = atPlace(field.extensions.access?.requirements ?? [], place, guards);
    const found = { asked, more: everythingImplied(asked) };
    known.set(field, found);
    return found;
  };
}
