import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Guards } from '../guardKinds.ts';
import { printRequirement, type Requirement } from '../requirements.ts';
import { atPlace, identityOf, implies } from './strength.ts';

/** Which requirements of a schema imply which, found out once: sets of them are compared very often. */
export interface RequirementOrder {
  /** Everything that a set of requirements implies, as a bit for each requirement of the schema. */
  everythingImplied(requirements: readonly Requirement[]): bigint;
  /** The requirements of a set that the others do not imply, in the order of the guards. */
  reduce(requirements: readonly Requirement[]): Requirement[];
}

export function orderRequirements(schema: GraphQLSchema, guards: Guards): RequirementOrder {
  const all = distinct(
    Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).flatMap(({ name, extensions }) =>
            atPlace(
              extensions.access?.requirements ?? [],
              { typeName: type.name, fieldName: name },
              guards,
            ),
          )
        : [],
    ),
  );
  const positions = new Map(all.map((one, index) => [identityOf(one, guards), index]));
  const impliedBy = all.map((one) =>
    all.reduce(
      (bits, other, index) =>
        one === other || implies(one, other, guards) ? bits | bit(index) : bits,
      0n,
    ),
  );
  const positionOf = (one: Requirement) => positions.get(identityOf(one, guards)) ?? 0;
  const isImplied = (weaker: Requirement, stronger: Requirement) =>
    includes(impliedBy[positionOf(stronger)] ?? 0n, bit(positionOf(weaker)));
  const order = Object.keys(guards);

  function distinct(requirements: readonly Requirement[]): Requirement[] {
    return [...new Map(requirements.map((one) => [identityOf(one, guards), one])).values()];
  }

  return {
    everythingImplied: (requirements) =>
      requirements.reduce((bits, one) => bits | (impliedBy[positionOf(one)] ?? 0n), 0n),
    reduce(requirements) {
      const all = distinct(requirements);
      return all
        .filter((one, index) =>
          all.every(
            (other, otherIndex) =>
              other === one ||
              !isImplied(one, other) ||
              // Of two that imply each other, the first stays.
              (isImplied(other, one) && index < otherIndex),
          ),
        )
        .toSorted(
          (a, b) =>
            order.indexOf(a.directive) - order.indexOf(b.directive) ||
            printRequirement(a).localeCompare(printRequirement(b), 'en'),
        );
    },
  };
}

function bit(index: number): bigint {
  return 1n << BigInt(index);
}

/** Whether all of `weaker`, as bits, is in `stronger`. */
export function includes(stronger: bigint, weaker: bigint): boolean {
  return (weaker & ~stronger) === 0n;
}

/** How many requirements there are in a set of bits. */
export function countOf(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest > 0n; rest &= rest - 1n) count += 1;
  return count;
}
