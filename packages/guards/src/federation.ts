import {
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLUnionType,
  getNamedType,
  isObjectType,
  isUnionType,
} from 'graphql';

/**
 * The union of the types that a subgraph gives by reference, as every implementation of federation names it; null where
 * `Query._entities` is not there.
 */
export function entityUnionOf(schema: GraphQLSchema): GraphQLUnionType | null {
  const field = schema.getQueryType()?.getFields()['_entities'];
  const union = field && getNamedType(field.type);
  const takesReferences = field?.args.some(({ name }) => name === 'representations');
  return takesReferences && isUnionType(union) && union.name === '_Entity' ? union : null;
}

/** Whether a schema tells a gateway about itself, in `Query._service`. */
export function isSubgraph(schema: GraphQLSchema): boolean {
  const field = schema.getQueryType()?.getFields()['_service'];
  const type = field && getNamedType(field.type);
  return isObjectType(type) && type.name === '_Service' && 'sdl' in type.getFields();
}

/**
 * Whether a field is one that federation adds to Query by itself: `_service` has nothing to hide from who composes, and
 * `_entities` asks for each reference what its type asks.
 */
export function isAddedByFederation(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  fieldName: string,
): boolean {
  if (type !== schema.getQueryType()) return false;
  if (fieldName === '_service') return isSubgraph(schema);
  return fieldName === '_entities' && entityUnionOf(schema) !== null;
}

// Not `@authenticated`, `@policy` and `@requiresScopes`: they decide about access, in a router that is not here.
const composing = [
  ...['key', 'requires', 'provides', 'external', 'extends', 'shareable', 'override', 'tag'],
  ...['inaccessible', 'composeDirective', 'interfaceObject', 'link', 'context', 'fromContext'],
];

/** The directives with which a subgraph says how it is composed. They decide nothing about access. */
export function composingDirectives(schema: GraphQLSchema): string[] {
  if (!isSubgraph(schema)) return [];
  const decides = /__(authenticated|policy|requiresScopes)$/;
  const prefixed = schema
    .getDirectives()
    .map(({ name }) => name)
    .filter((name) => /^(federation|link)__/.test(name) && !decides.test(name));
  return [...composing, ...prefixed];
}
