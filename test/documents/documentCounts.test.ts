import fc from 'fast-check';
import { buildSchema, type FragmentDefinitionNode, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createCounter, type DocumentCounts } from '../../src/documents/documentCounts.ts';

const schema = buildSchema(`
  type Query {
    leaf: Int
    one: Query
    list: [Query!]!
    sized(first: Int): [Query]
    page(first: Int): Query
  }`);

interface Selection {
  readonly kind: 'leaf' | 'one' | 'list' | 'sized' | 'page' | 'inline' | 'spread';
  readonly alias: boolean;
  readonly directives: number;
  /** Of 0 to 4; of -1 it is a variable, of -2 it is not there. */
  readonly first: number;
  /** Which of the fragments behind the one it stands in. */
  readonly fragment: number;
  readonly selections: readonly Selection[];
}

/** Each fragment uses only those behind it. The first is the operation. */
type Model = readonly (readonly Selection[])[];

const own = {
  alias: fc.boolean(),
  directives: fc.nat(2),
  first: fc.integer({ min: -2, max: 4 }),
  fragment: fc.nat(),
};
const { selections } = fc.letrec<{ selection: Selection; selections: Selection[] }>((tie) => ({
  selection: fc.oneof(
    { maxDepth: 4 },
    fc.record({ ...own, kind: fc.constantFrom('leaf', 'spread'), selections: fc.constant([]) }),
    fc.record({
      ...own,
      kind: fc.constantFrom('one', 'list', 'sized', 'page', 'inline'),
      selections: tie('selections'),
    }),
  ),
  selections: fc.array(tie('selection'), { minLength: 1, maxLength: 3 }),
}));
const model: fc.Arbitrary<Model> = fc.array(selections, { minLength: 1, maxLength: 5 });

const hasFirst = ({ kind }: Selection) => kind === 'sized' || kind === 'page';

function print(document: Model): string {
  return document
    .map((each, index) => {
      const head = index === 0 ? 'query' : `fragment f${index} on Query`;
      return `${head} { ${printAll(document, index, each)} }`;
    })
    .join('\n');
}

function printAll(document: Model, index: number, all: readonly Selection[]): string {
  const printed = all.map((selection) => {
    const directives = '@any'.repeat(selection.directives);
    const below = `{ ${printAll(document, index, selection.selections)} }`;
    const name = `${selection.alias ? 'a: ' : ''}${selection.kind}`;
    const first = selection.first === -1 ? '$size' : selection.first;
    const size = hasFirst(selection) && selection.first !== -2 ? `(first: ${first})` : '';
    const target = targetOf(document, index, selection);
    if (selection.kind === 'leaf') return `${name} ${directives}`;
    if (selection.kind === 'inline') return `... ${directives} ${below}`;
    if (selection.kind !== 'spread') return `${name} ${size} ${directives} ${below}`;
    return target === null ? '__typename' : `...f${target} ${directives}`;
  });
  return printed.join(' ');
}

function targetOf(document: Model, index: number, { fragment }: Selection): number | null {
  const behind = document.length - 1 - index;
  return behind === 0 ? null : index + 1 + (fragment % behind);
}

/** The same counts with every fragment written out, and nothing remembered. */
function countAll(
  document: Model,
  index: number,
  all: readonly Selection[],
  page: number | null,
): DocumentCounts {
  const counts = all.map((selection): DocumentCounts => {
    const { kind, selections: below } = selection;
    const target = targetOf(document, index, selection);
    const lost = kind === 'spread' && target === null;
    const one = {
      depth: 1,
      aliases: selection.alias ? 1 : 0,
      directives: selection.directives,
      recursiveSelections: 1,
      cost: 1,
    };
    if (lost) return { ...one, aliases: 0, directives: 0 };
    if (kind === 'leaf') return one;
    const transparent = { ...one, depth: 0, aliases: 0, cost: 0 };
    if (kind === 'inline') return total([transparent, countAll(document, index, below, page)]);
    if (kind === 'spread') {
      return total([
        transparent,
        countAll(document, target ?? 0, document[target ?? 0] ?? [], page),
      ]);
    }
    const first = { [-1]: 100, [-2]: 20 }[selection.first] ?? selection.first;
    const said = hasFirst(selection) ? first : page;
    const isList = kind === 'list' || kind === 'sized';
    const inside = countAll(document, index, below, isList ? null : said);
    const cost = inside.cost * (isList ? (said ?? 20) : 1);
    return { ...total([one, { ...inside, cost }]), depth: inside.depth + 1 };
  });
  return total(counts);
}

function total(counts: readonly DocumentCounts[]): DocumentCounts {
  const sum = (name: keyof DocumentCounts) => counts.reduce((value, each) => value + each[name], 0);
  return {
    depth: Math.max(...counts.map(({ depth }) => depth)),
    aliases: sum('aliases'),
    directives: sum('directives'),
    recursiveSelections: sum('recursiveSelections'),
    cost: sum('cost'),
  };
}

test('a document has the same counts as the document with its fragments written out', () => {
  let withFragments = 0;
  fc.assert(
    fc.property(model, (document) => {
      const { definitions } = parse(print(document));
      const fragments = definitions.filter(
        (each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION,
      );
      const [operation] = definitions;
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('no operation');
      const count = createCounter(schema, (name) =>
        fragments.find((each) => each.name.value === name),
      );
      if (print(document).includes('...f')) withFragments++;
      expect(count(operation)).toEqual(countAll(document, 0, document[0] ?? [], null));
    }),
    { numRuns: 500 },
  );
  const chance = 'Few random documents had fragments: a matter of chance, if it is rare.';
  expect(withFragments, chance).toBeGreaterThan(100);
});
