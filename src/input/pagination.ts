import { badUserInput } from '../errors.ts';

export const defaultSize = 20;
export const largestSize = 100;

/** Which page is wanted: how many rows, behind which key. */
export interface Page {
  readonly size: number;
  readonly afterKey: string | null;
}

export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/**
 * @throws BAD_USER_INPUT naming the argument
 *
 * @example
 * console.log(readPage({ first: 10 })); // { size: 10, afterKey: null }
 */
export function readPage({ first, after }: PageArguments): Page {
  const size = readSize(first ?? defaultSize);
  return { size, afterKey: after == null ? null : readCursor(after) };
}

/** @throws BAD_USER_INPUT */
export function readSize(first: number): number {
  if (first < 0 || first > largestSize) {
    throw badUserInput('first', `"first" must be from 0 to ${largestSize}.`);
  }
  return first;
}

/**
 * Makes a Relay connection of the rows behind `page.afterKey`, of which the query fetched one more than
 * `page.size`, to see whether there is a next page.
 *
 * @example
 * const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
 * const { edges, pageInfo } = toConnection(rows, readPage({ first: 2 }), ({ id }) => id);
 * console.log(edges.length, pageInfo.hasNextPage); // 2 true
 */
export function toConnection<Row>(
  rows: readonly Row[],
  page: Page,
  keyOf: (row: Row) => string,
): Connection<Row> {
  const edges = rows.slice(0, page.size).map((node) => ({ cursor: toCursor(keyOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > page.size,
      hasPreviousPage: page.afterKey !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function toCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (cursor === '' || key.includes('\0') || toCursor(key) !== cursor) {
    throw badUserInput('after', '"after" must be a cursor that this list gave.');
  }
  return key;
}
