import { memoize1 } from '@graphql-tools/utils';
import {
  type FieldNode,
  GraphQLError,
  type GraphQLResolveInfo,
  responsePathAsArray,
  type Source,
  type SourceLocation,
} from 'graphql';
import type { Authentication } from './authentication.ts';
import { type Check, toRefusal } from './fieldChecks.ts';

interface Refused {
  readonly authentication: Authentication;
  readonly refusal: Error;
}

type RefusalsOfContext = Map<Check, Refused>;

// By the context of a request: in a long list, each item asks the same of the same caller.
const known = new WeakMap<object, RefusalsOfContext>();

// Those of the request that was refused last, which most fields are asked for next: whoever may reach them all need not
// be looked up for each.
let latest: { readonly context: object; readonly refusals: RefusalsOfContext } | null = null;

/**
 * The refusal of a caller by a check; null when the check lets the caller through. One who is refused is asked once in
 * each request, unless others are refused in between, and gets the same error each time.
 */
export function findRefusal(
  check: Check,
  authentication: Authentication,
  context: object,
): Error | null {
  if (latest?.context === context) {
    const before = latest.refusals.get(check);
    // A mutation may have found out anew who the caller is.
    if (before?.authentication === authentication) return before.refusal;
  }
  const given = check(authentication);
  return given === null ? null : keepRefusal(given, check, authentication, context);
}

function keepRefusal(
  given: GraphQLError,
  check: Check,
  authentication: Authentication,
  context: object,
): Error {
  const refusals: RefusalsOfContext = known.get(context) ?? new Map();
  known.set(context, refusals);
  latest = { context, refusals };
  const refusal = toRefusal(given);
  const before = refusals.get(check);
  if (before?.authentication === authentication) return before.refusal;
  refusals.set(check, { authentication, refusal });
  return refusal;
}

const locations = new WeakMap<GraphQLResolveInfo['fieldNodes'], ReturnType<typeof locationsOf>>();

/**
 * A refusal as the error of one field. It has its path already, so that graphql-js does not wrap it in an error of its
 * own, with a stack trace for each item of a long list.
 */
export function refusalAt(refusal: Error, { fieldNodes, path }: GraphQLResolveInfo): Error {
  if (!(refusal instanceof GraphQLError)) return refusal;
  const known = locations.get(fieldNodes);
  const places = known ?? locationsOf(fieldNodes);
  if (!known) locations.set(fieldNodes, places);
  return placed(refusal, { nodes: fieldNodes, locations: places, path: responsePathAsArray(path) });
}

/** A refusal as the error of an operation that did not run, at these of its fields. */
export function refusalOf(refusal: GraphQLError, nodes: readonly FieldNode[]): GraphQLError {
  return placed(refusal, { nodes, locations: locationsOf(nodes), path: undefined });
}

// All but the place it has from the refusal that all share: an error of its own would cost as much as ten fields. One
// property after the other, which is several times as fast as copying them.
function placed(refusal: GraphQLError, place: Place): GraphQLError {
  const error = Object.create(refusal);
  error.nodes = place.nodes;
  error.locations = place.locations;
  error.path = place.path;
  error.originalError = refusal;
  return error;
}

type Place = Pick<GraphQLError, 'nodes' | 'locations' | 'path'>;

function locationsOf(nodes: readonly FieldNode[]) {
  const found = nodes.flatMap(({ loc }) => (loc ? [locate(loc.source, loc.start)] : []));
  return found.length > 0 ? found : undefined;
}

// `getLocation` of graphql-js reads the document from its beginning, which for each of many fields takes the square of
// its length.
const findLines = memoize1(({ body }: Source): readonly number[] => [
  0,
  ...Array.from(body.matchAll(/\r\n|[\n\r]/g), ({ index, 0: end }) => index + end.length),
]);

function locate(source: Source, position: number): SourceLocation {
  const starts = findLines(source);
  let [line, behind] = [0, starts.length];
  while (behind - line > 1) {
    const middle = Math.floor((line + behind) / 2);
    if ((starts[middle] ?? 0) <= position) line = middle;
    else behind = middle;
  }
  return { line: line + 1, column: position - (starts[line] ?? 0) + 1 };
}
