import { vi } from 'vitest';

/** Tries an assertion until it holds. It may take its time, for the machine may be busy. */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
): Promise<Result> {
  return await vi.waitFor(assertion, 20_000);
}
