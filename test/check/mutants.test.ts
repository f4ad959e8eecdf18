import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutants } from '../../bench/mutants/mutants.ts';

test.each(mutants)('the mutant of $file finds once what it changes: $from', ({ file, from }) => {
  const url = new URL(`../../packages/guards/src/${file}`, import.meta.url);
  expect(readFileSync(url, 'utf8').split(from)).toHaveLength(2);
});
