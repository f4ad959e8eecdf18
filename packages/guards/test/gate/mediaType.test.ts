import { describe, expect, test } from 'vitest';
import { preferredMediaType } from '../../src/gate/mediaType.ts';
import { varyByCaller } from '../../src/gate/refusal.ts';

const json = 'application/json';
const answered = 'application/graphql-response+json';

describe('the media type of an answer', () => {
  test.each([
    [undefined, json],
    [null, json],
    ['', json],
    [' ', json],
    [json, json],
    [answered, answered],
    [answered.toUpperCase(), answered],
    ['*/*', json],
    ['application/*', json],
    [`${answered}, ${json}`, answered],
    [`${json}, ${answered}`, json],
    [`${answered}, */*`, answered],
    [`*/*, ${answered}`, answered],
    [`${answered};q=0.5, */*;q=0.1`, answered],
    [`${answered};q=0.5, */*`, json],
    [`${answered};q=0, ${json}`, json],
    [`${answered};q=0, */*`, json],
    [`${answered};q=0.000`, null],
    [`${json};q=0, */*`, answered],
    [`*/*;q=0`, null],
    [`*/*;q=0, ${answered}`, answered],
    [`${answered} ; charset=utf-8 ; Q=0.9, ${json}; q=0.8`, answered],
    [`${answered};q=, ${json};q=0.1`, json],
    [`${answered};q=much`, null],
    [`${answered}x`, null],
    ['text/html', null],
    ['text/html, application/xhtml+xml, */*;q=0.8', json],
    [`multipart/mixed, ${answered}, ${json};q=0.9`, answered],
  ])('for Accept %s is %s', (accept, type) => {
    expect(preferredMediaType(accept)).toBe(type);
  });
});

describe('Vary', () => {
  test.each([
    [undefined, 'Authorization'],
    [null, 'Authorization'],
    ['', 'Authorization'],
    ['Origin', 'Origin, Authorization'],
    ['origin,authorization', 'origin, authorization'],
    [['Origin', 'Accept'], 'Origin, Accept, Authorization'],
    ['*', '*'],
  ])('%o becomes %s', (before, after) => {
    expect(varyByCaller(before)).toBe(after);
  });
});
