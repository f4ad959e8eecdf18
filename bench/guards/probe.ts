import { deepStrictEqual } from 'node:assert/strict';
import type { ExecutionResult } from 'graphql';
import { type Execute, fieldNames, itemsDocument, rootValue } from './items.ts';

/** The fields that a contestant answers to an anonymous caller, each asked for alone. */
export async function findOpenFields(execute: Execute): Promise<string[]> {
  const open: string[] = [];
  for (const fieldName of fieldNames) {
    const { data, errors = [] } = await attempt(execute, fieldName);
    const items = (data?.['items'] ?? []) as (Record<string, unknown> | null)[];
    const isGiven = items.some((item) => item?.[fieldName] != null);
    if (errors.length === 0 || isGiven) open.push(fieldName);
  }
  return open;
}

async function attempt(execute: Execute, fieldName: string): Promise<ExecutionResult> {
  try {
    return await execute(itemsDocument([fieldName]), false);
  } catch (error) {
    // Some refuse an operation by throwing.
    return { errors: [error as NonNullable<ExecutionResult['errors']>[number]] };
  }
}

/** Throws unless a caller who is signed in gets everything. */
export async function requireEverything(execute: Execute): Promise<void> {
  const result = await execute(itemsDocument(fieldNames), true);
  deepStrictEqual(JSON.parse(JSON.stringify(result)), { data: rootValue });
}
