import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Guards, guardSchema, type OnRefusal } from '@sallyport/guards';
import type { GraphQLSchema } from 'graphql';
import type { Feature } from './defineServer.ts';
import { features } from './features.ts';
import { scalarsAsWritten } from './input/scalarsAsWritten.ts';
import { requireWellFormedText } from './input/wellFormedText.ts';
import { askCallerAnew } from './server/askCallerAnew.ts';
import { publicWithoutCaller } from './server/publicWithoutCaller.ts';

/**
 * The API's schema: what the files of all features say, their resolvers, and around them the guards.
 *
 * @throws when a file is missing, a resolver has no field, or a directive stands where nothing enforces it
 */
export function createSchema(
  guards: Guards,
  own: readonly Feature[] = [],
  onRefusal?: OnRefusal,
): GraphQLSchema {
  const all = [...features, ...own];
  const files = all.flatMap(({ schema }) => [schema].flat().map(toUrl));
  const typeDefs = files.toSorted(byName).map(readSdl);
  const resolvers = all.map((feature) => feature.resolvers ?? {});
  const schema = makeExecutableSchema({ typeDefs, resolvers });
  // The guards come last, so that they run first.
  const checked = requireWellFormedText(scalarsAsWritten(schema));
  return guardSchema(askCallerAnew(publicWithoutCaller(checked)), {
    guards,
    ...(onRefusal && { onRefusal }),
  });
}

function toUrl(file: string | URL): URL {
  return typeof file === 'string' ? pathToFileURL(file) : file;
}

/** The order of the schema's files, wherever they lie: by their names. What is printed for people has it too. */
export function byName(a: URL, b: URL): number {
  const [one, other] = [posix.basename(a.pathname), posix.basename(b.pathname)];
  return one < other ? -1 : Number(one > other);
}

function readSdl(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`The schema ${file} of a feature cannot be read.`, { cause });
  }
}
