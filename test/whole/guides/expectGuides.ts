import { expect } from 'vitest';

const nameRequired = {
  message: 'Only with a full name.',
  locations: [{ line: 1, column: 12 }],
  extensions: { code: 'FORBIDDEN', reason: 'NAME_REQUIRED' },
};

/** What `tryGuides` prints in a project in which the first two guides were followed. */
export function expectGuides(printed: string): void {
  const tried = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
  expect(tried).toEqual({
    nameless: expect.objectContaining({ data: null, errors: [nameRequired] }),
    named: expect.objectContaining({ data: { createInvoice: { title: 'A chair' } }, errors: [] }),
    list: expect.objectContaining({ data: { invoices: [{ title: 'A chair' }] }, errors: [] }),
    anonymous: expect.objectContaining({
      data: null,
      errors: [
        {
          message: 'Sign in first: no access token was sent.',
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' },
        },
      ],
    }),
    stale: expect.objectContaining({
      data: null,
      errors: [
        expect.objectContaining({
          extensions: { code: 'UNAUTHENTICATED', reason: 'FRESH_TOKEN_REQUIRED', maxAge: 60 },
        }),
      ],
    }),
    operations: expect.any(Number),
  });
  expect(tried.operations).toBeGreaterThan(100);
}
