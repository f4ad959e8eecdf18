import { expect, test } from 'vitest';
import { blocks, kinds } from '../support/documentation.ts';

test('each block of code in the documentation is of one kind that the tests run or compare', () => {
  const claims = blocks.map((block) => ({
    at: `${block.page}, ${block.heading}: ${block.code.split('\n')[0]}`,
    kinds: Object.entries(kinds).flatMap(([kind, claim]) => (claim(block) ? kind : [])),
  }));
  expect(claims.filter((claim) => claim.kinds.length !== 1)).toEqual([]);
});

test.each(Object.entries(kinds))('there is a block of the kind %s', (_kind, claim) => {
  expect(blocks.filter(claim)).not.toEqual([]);
});
