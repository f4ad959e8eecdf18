import { and, eq, lt, or, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { badUserInput } from '../errors.ts';
import { readSize } from './pagination.ts';
import { isUuid } from './text.ts';

/** Which part is wanted of a list that is no connection: how many, and behind which of them. */
export interface ListPart {
  readonly size: number;
  readonly afterId: string | null;
}

/** @throws BAD_USER_INPUT naming the argument */
export function readListPart(
  { first, after }: { readonly first?: number | null; readonly after?: string | null },
  defaultSize: number,
): ListPart {
  const size = readSize(first ?? defaultSize);
  if (after == null) return { size, afterId: null };
  if (!isUuid(after)) throw notInList();
  return { size, afterId: after };
}

/**
 * The condition on what stands behind an entry of a list, newest first.
 *
 * @throws BAD_USER_INPUT when the list has no such entry any more
 */
export function isBehind(
  last: { readonly id: string; readonly createdAt: Date } | undefined,
  { id, createdAt }: { readonly id: PgColumn; readonly createdAt: PgColumn },
): SQL | undefined {
  if (!last) throw notInList();
  const sameTime = and(eq(createdAt, last.createdAt), lt(id, last.id));
  return or(lt(createdAt, last.createdAt), sameTime);
}

function notInList() {
  return badUserInput('after', '"after" must be the id of an entry of this list.');
}
