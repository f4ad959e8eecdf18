import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isUnionType,
} from 'graphql';
import { compositeNames, pick, sometimes, type Take } from './randomSchema.ts';

const conditions = [
  '@skip(if: true)',
  '@skip(if: false)',
  '@include(if: $yes)',
  '@include(if: $no)',
  '@skip(if: $no)',
];

// Of the argument that a stub has where arguments decide.
const ownArguments = ['(isOwn: true)', '(isOwn: $yes)', '(isOwn: $no)', '(isOwn: false)', ''];

/** Writes an operation with aliases, merged fields, nested fragments on any type, and conditions. */
export function randomOperation(take: Take, schema: GraphQLSchema): string {
  const kind = pick(take, ['query', 'query', 'mutation', 'subscription'] as const);
  let aliases = 0;

  function selectionSet(type: GraphQLCompositeType, depth: number, spreadable: number): string {
    const selections = Array.from({ length: 1 + (sometimes(take, 60) ? 1 : 0) }, () =>
      selection(type, depth, spreadable),
    );
    return `{ ${selections.join(' ')} }`;
  }

  function selection(type: GraphQLCompositeType, depth: number, spreadable: number): string {
    const condition = sometimes(take, 15) ? ` ${pick(take, conditions)}` : '';
    const isDeep = depth <= 0;
    if (!isDeep && sometimes(take, 20)) {
      const on = sometimes(take, 80) ? pick(take, compositeNames) : null;
      const target = on ? schema.getType(on) : type;
      if (!isCompositeType(target)) return '__typename';
      return `... ${on ? `on ${on}` : ''}${condition} ${selectionSet(target, depth - 1, spreadable)}`;
    }
    if (!isDeep && spreadable < fragmentCount && sometimes(take, 15)) {
      const index = pick(
        take,
        Array.from({ length: fragmentCount - spreadable }, (_, offset) => spreadable + offset),
      );
      return `...F${index}${condition}`;
    }
    return field(type, depth, spreadable, condition);
  }

  function field(type: GraphQLCompositeType, depth: number, spreadable: number, condition: string) {
    if (isUnionType(type)) return '__typename';
    const chosen = pick(take, Object.values(type.getFields()));
    const returned = getNamedType(chosen.type);
    aliases += 1;
    const alias = sometimes(take, 30) ? `a${aliases}: ` : '';
    const call = `${chosen.name}${chosen.args.length > 0 ? pick(take, ownArguments) : ''}`;
    if (!isCompositeType(returned)) return `${alias}${call}${condition}`;
    if (depth <= 0) return '__typename';
    return `${alias}${call}${condition} ${selectionSet(returned, depth - 1, spreadable)}`;
  }

  const root = schema.getType(
    { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[kind],
  );
  if (!isCompositeType(root)) throw new TypeError('Expected a root type.');
  // A subscription has exactly one field at its root, without a condition.
  const body = kind === 'subscription' ? `{ ${field(root, 2, 0, '')} }` : selectionSet(root, 2, 0);
  const fragments = Array.from({ length: fragmentCount }, (_, index) => {
    const on = pick(take, compositeNames);
    const type = schema.getType(on);
    // Each spreads only those behind it, so that none spreads itself.
    return `fragment F${index} on ${on} ${isCompositeType(type) ? selectionSet(type, 1, index + 1) : ''}`;
  });
  return [`${kind} Q($yes: Boolean = true, $no: Boolean = false) ${body}`, ...fragments].join('\n');
}

const fragmentCount = 2;
