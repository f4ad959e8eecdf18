import { GraphQLError, type GraphQLResolveInfo, getLocation, responsePathAsArray } from 'graphql';
import type { Authentication } from './authentication.ts';
import { type Check, toRefusal } from './fieldChecks.ts';

interface Refused {
  readonly authentication: Authentication;
  readonly refusal: Error;
}

// By the context of a request: in a long list, each item asks the same of the same caller.
const known = new WeakMap<object, Map<Check, Refused>>();

/** The refusal of a caller by a check, asked once in each request; null when the check lets the caller through. */
export function findRefusal(
  check: Check,
  authentication: Authentication,
  context: object,
): Error | null {
  const before = known.get(context)?.get(check);
  // A mutation may have found out anew who the caller is.
  if (before?.authentication === authentication) return before.refusal;
  const given = check(authentication);
  if (given === null) return null;
  const refusal = toRefusal(given);
  const ofContext = known.get(context) ?? new Map();
  known.set(context, ofContext.set(check, { authentication, refusal }));
  return refusal;
}

type Locations = ReturnType<typeof locationsOf>;
const locations = new WeakMap<GraphQLResolveInfo['fieldNodes'], Locations>();

/**
 * A refusal as the error of one field. It has its path already, so that graphql-js does not wrap it in an error of its
 * own, with a stack trace for each item of a long list; all but the place it has from the refusal that all share.
 */
export function refusalAt(refusal: Error, { fieldNodes, path }: GraphQLResolveInfo): Error {
  if (!(refusal instanceof GraphQLError)) return refusal;
  const places = locations.get(fieldNodes) ?? locationsOf(fieldNodes);
  locations.set(fieldNodes, places);
  return Object.assign(Object.create(refusal), {
    nodes: fieldNodes,
    path: responsePathAsArray(path),
    locations: places,
    originalError: refusal,
  });
}

function locationsOf(fieldNodes: GraphQLResolveInfo['fieldNodes']) {
  const found = fieldNodes.flatMap(({ loc }) => (loc ? [getLocation(loc.source, loc.start)] : []));
  return found.length > 0 ? found : undefined;
}
