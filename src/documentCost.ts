import { type FieldNode, type GraphQLField, getNullableType, isListType, Kind } from 'graphql';
import { defaultSize, largestSize } from './pagination.ts';

/** How often what is below a field is fetched. */
export interface ListSize {
  /** How many entries the field itself gives: 1 where it is no list. */
  readonly ofList: number;
  /** How many the next list below it gives, as `edges` below a connection; null where that is not said. */
  readonly ofPage: number | null;
}

/**
 * The size of a list is its `first`, or that of the connection it stands in, or what a page has if nothing is said. A
 * variable counts as the largest page: a document passes or not, whatever it is sent with, and is looked at once. A
 * number beyond that counts the same, because the field itself refuses it, and says so better.
 */
export function listSize(
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  pageSize: number | null,
): ListSize {
  const size = readFirst(node, field) ?? pageSize;
  if (!field || !isListType(getNullableType(field.type))) return { ofList: 1, ofPage: size };
  return { ofList: size ?? defaultSize, ofPage: null };
}

function readFirst(
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
): number | null {
  if (!field?.args.some(({ name }) => name === 'first')) return null;
  const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (value?.kind === Kind.VARIABLE) return largestSize;
  if (value?.kind !== Kind.INT) return defaultSize;
  return Math.max(0, Math.min(Number(value.value), largestSize));
}
