import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authErrors } from '@sallyport/guards';
import { expect, test } from 'vitest';
import { root } from '../support/checkout.ts';
import { rowsOf, sectionOf } from '../support/documentation.ts';

const rows = (heading: string) => rowsOf(sectionOf('docs/errors.md', heading));
const codesIn = (text: string) => [...text.matchAll(/[`']([A-Z_]+)[`']/g)].map(([, code]) => code);

test('docs/errors.md has each reason with its code, as the engine has them', () => {
  const said = rows('Reasons').map(([code, reason]) => [reason, code]);
  const known = Object.entries(authErrors).map(([reason, [code]]) => [reason, code]);
  expect(said).toEqual(known.map((names) => names.map((name) => `\`${name}\``)));
});

test('docs/errors.md has each code that comes without a reason', () => {
  const client = readFileSync(join(root, 'packages/client/src/errors.ts'), 'utf8');
  const [, union = ''] = /export type ErrorCode =\n([^;]*);/.exec(client) ?? [];
  const said = rows('Codes without a reason').flatMap(([code = '']) => codesIn(code));
  // The one code that comes with a reason, INVALID_CREDENTIALS, and without.
  expect(said.toSorted()).toEqual([...codesIn(union), 'BAD_USER_INPUT'].toSorted());
});

test.each(['Reasons', 'Codes without a reason'])(
  'each row of %s names the action of a client',
  (name) => {
    for (const row of rows(name)) expect(row.filter((cell) => cell === '')).toEqual([]);
  },
);
