import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql';
import { type Guards, toKind } from './guardKinds.ts';
import { effectiveRequirements, printRequirement, type Requirement } from './requirements.ts';

/**
 * Finds guards that would have nothing to look at: those that see the object, on fields at the root, and those that
 * name an argument, on fields that do not have it. Returns a sentence for each, which begins with the coordinate.
 */
export function findSightProblems(schema: GraphQLSchema, guards: Guards): string[] {
  const seeing = Object.fromEntries(
    Object.entries(guards).filter(([, guard]) => (toKind(guard)?.kind ?? 'caller') !== 'caller'),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type) || !(isObjectType(type) || isInterfaceType(type))) return [];
    const isRoot = roots.some((root) => root === type);
    return Object.values(type.getFields()).flatMap(({ name, args }) =>
      effectiveRequirements(schema, type, name, seeing).flatMap((requirement) => {
        const argumentNames = args.map((argument) => argument.name);
        const problem = findProblem(requirement, seeing, { isRoot, argumentNames });
        const coordinate = `${type.name}.${name}`;
        const where = requirement.coordinate === coordinate ? '' : ` of ${requirement.coordinate}`;
        return problem
          ? [`${coordinate} has ${printRequirement(requirement)}${where}, ${problem}`]
          : [];
      }),
    );
  });
}

function findProblem(
  { directive, args }: Requirement,
  guards: Guards,
  { isRoot, argumentNames }: { isRoot: boolean; argumentNames: readonly string[] },
): string | null {
  const guard = toKind(guards[directive]);
  if (guard?.kind === 'object') {
    return isRoot
      ? 'which decides by an object: a field of Query, Mutation or Subscription belongs to none.'
      : null;
  }
  const named = guard?.kind === 'argument' ? (guard.argumentOf?.(args) ?? null) : null;
  return named === null || argumentNames.includes(named)
    ? null
    : `which decides by its argument ${named}: the field has none of that name.`;
}
