import { type FieldNode, type GraphQLField, getNullableType, isListType, Kind } from 'graphql';
import { defaultSize, largestSize } from '../input/pagination.ts';

/** How often what is below a field is fetched. */
export interface ListSize {
  /** How many entries the field itself returns: 1 where it is not a list. */
  readonly ofList: number;
  /**
   * How many entries the next list below it returns, as `edges` below a connection; null where `first` is not known.
   */
  readonly ofPage: number | null;
}

/**
 * Returns the size that a list counts with: its `first`, or that of the connection around it, or else the default of
 * the schema or of a page. A variable counts as the largest page, so that a document passes or fails for all values and
 * is judged once. A number above the largest page also counts as the largest page: the field itself refuses it, with an
 * error that says what is allowed.
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
  const argument = field?.args.find(({ name }) => name === 'first');
  if (!argument) return null;
  const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (value?.kind === Kind.VARIABLE) return largestSize;
  if (value?.kind !== Kind.INT) {
    return typeof argument.defaultValue === 'number' ? argument.defaultValue : defaultSize;
  }
  return Math.max(0, Math.min(Number(value.value), largestSize));
}
