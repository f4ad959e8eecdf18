import { type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import { type Guards, toKind } from '../guardKinds.ts';
import { distinctRequirements, printRequirement, type Requirement } from '../requirements.ts';
import { possibleTypes } from '../selections.ts';

/** A field in the payload of mutations that is refused, if it is, only after the mutation has happened. */
export interface Unforeseen {
  /** `Invoice.total` */
  readonly coordinate: string;
  /** Those that decide by the object. */
  readonly requirements: readonly Requirement[];
  /** The mutations in whose payload it can be: `Mutation.createInvoice`. */
  readonly mutations: readonly string[];
}

/**
 * Finds the fields that a guard decides by the object, and that mutations lead to. What object there will be, nobody
 * knows before the mutation runs: such a field is null then, with the error, and the mutation has happened.
 *
 * @example
 * const typeDefs = `
 *   type Query { a: Int @public }
 *   type Mutation { pay: Invoice @auth }
 *   type Invoice { total: Int @owner(field: "userId") }
 * `;
 * const served = guardSchema(makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] }), { guards });
 * console.log(findUnforeseen(served, { guards }).map(({ coordinate }) => coordinate)); // [ 'Invoice.total' ]
 */
export function findUnforeseen(
  schema: GraphQLSchema,
  { guards }: { guards: Guards },
): Unforeseen[] {
  const mutationType = schema.getMutationType();
  if (!mutationType) return [];
  const reached = Object.values(mutationType.getFields()).map((field) => ({
    mutation: `${mutationType.name}.${field.name}`,
    types: reachable(schema, possibleTypes(schema, field.type)),
  }));
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type)) return [];
    const mutations = reached.flatMap(({ mutation, types }) => (types.has(type) ? [mutation] : []));
    if (mutations.length === 0) return [];
    return Object.values(type.getFields()).flatMap(({ name, extensions }) => {
      const requirements = distinctRequirements(extensions.access?.requirements ?? []).filter(
        ({ directive }) => toKind(guards[directive])?.kind === 'object',
      );
      const coordinate = `${type.name}.${name}`;
      return requirements.length > 0 ? [{ coordinate, requirements, mutations }] : [];
    });
  });
}

function reachable(
  schema: GraphQLSchema,
  from: readonly GraphQLObjectType[],
): ReadonlySet<GraphQLObjectType> {
  const types = new Set(from);
  // Iterating over a set also visits what is added meanwhile.
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      for (const possible of possibleTypes(schema, field.type)) types.add(possible);
    }
  }
  return types;
}

/**
 * Says to the people who serve the schema what a mutation does not wait for.
 *
 * @example
 * const [first] = findUnforeseen(schema, { guards });
 * console.log(first && printUnforeseen(first)); // undefined
 */
export function printUnforeseen({ coordinate, requirements, mutations }: Unforeseen): string {
  const [first, ...others] = mutations;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const directives = requirements.map((one) => `\`${printRequirement(one)}\``).join(' and ');
  return `${directives} decides about \`${coordinate}\` after \`${first}\`${more} has happened`;
}
