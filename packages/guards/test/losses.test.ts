import { findLosses, printLoss } from '@sallyport/guards';
import { expect, test } from 'vitest';
import { guardedSchema, guards } from './guardedSchema.ts';

function lossesOf(sdl: string): string[] {
  return findLosses(guardedSchema(sdl), { guards }).map(printLoss);
}

const item = 'type Item { name: String price: Float! @auth }';

test.each([
  ['the object, where it may be null', 'type Query { item: Item @public }', ['Query.item']],
  [
    'an entry, where entries may be null',
    'type Query { items: [Item]! @public }',
    ['an entry of Query.items'],
  ],
  [
    'the list, where entries may not be null',
    'type Query { items: [Item!] @public }',
    ['Query.items'],
  ],
  [
    'the object around the list, where the list may not be null',
    'type Query { page: Page @public } type Page { items: [Item!]! }',
    ['Query.page'],
  ],
  ['lists of lists', 'type Query { grid: [[Item!]!] @public }', ['Query.grid']],
  [
    'an entry of the list around',
    'type Query { grid: [[Item!]]! @public }',
    ['an entry of Query.grid'],
  ],
  [
    'the whole answer, where nothing may be null',
    'type Query { item: Item! @public }',
    ['the whole answer'],
  ],
  [
    'each place that it is reached from',
    'type Query { a: Item @public b: Page @public } type Page { c: Item }',
    ['Query.a', 'Page.c'],
  ],
  ['objects behind a union', 'type Query { any: Any @public } union Any = Item', ['Query.any']],
])('a refusal of a field that cannot be null removes %s', (_what, sdl, removed) => {
  expect(lossesOf(`${sdl} ${item}`)).toEqual(
    removed.map((what) => `a refusal of Item.price removes ${what}`),
  );
});

test('a refusal of a root field that cannot be null removes the whole answer', () => {
  expect(lossesOf('type Query { me: ID! @auth }')).toEqual([
    'a refusal of Query.me removes the whole answer',
  ]);
});

test.each([
  ['that may be null', 'type Query { t: T @public } type T { a: ID @auth }'],
  ['without requirements', 'type Query { t: T! @public } type T { a: ID! }'],
  [
    'with the requirements that every path to it has',
    'type Query { t: P @auth } type P { q: [Q] } type Q @auth { a: ID! }',
  ],
  ['with weaker requirements than its path', 'type Query { t: T @admin } type T { a: ID! @auth }'],
  ['that no operation reaches', 'type Query { a: ID @public } type T { a: ID! @auth }'],
])('a field %s is not reported as a loss', (_which, sdl) => {
  expect(lossesOf(sdl)).toEqual([]);
});

test('types that contain each other are followed once', () => {
  const sdl = 'type Query { a: A @public } type A { b: B! } type B { a: A! secret: ID! @auth }';
  expect(lossesOf(sdl)).toEqual(['a refusal of B.secret removes Query.a']);
});

test('a loss on one of two paths is reported, although the other path has the requirement itself', () => {
  const sdl = `type Query { open: Page @public closed: Page @auth } type Page { item: Item } ${item}`;
  expect(lossesOf(sdl)).toEqual(['a refusal of Item.price removes Page.item']);
});

test('a loss on one of two guarded paths is reported, if only the other one has the requirement', () => {
  const sdl = `type Query { own: Page @admin new: Page @fresh } type Page { item: Item }
    type Item { price: Float! @admin }`;
  expect(lossesOf(sdl)).toEqual(['a refusal of Item.price removes Page.item']);
});
