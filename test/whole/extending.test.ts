import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyClone, root, run, runSource } from '../support/checkout.ts';
import { longRuns } from '../support/longRuns.ts';
import { expectGuides } from './guides/expectGuides.ts';
import { followGuide, guides } from './guides/followGuide.ts';
import { tryGuides } from './guides/programs.ts';

// The tests of what a feature can change, as quick as on anybody's own machine.
const testing = [
  ...['env', '--unset=CI', 'npx', 'vitest', 'run', '--project', 'embedded'],
  ...[
    'test/codegen',
    'test/commands/schema.test.ts',
    'test/schema.test.ts',
    'test/whole/gate.test.ts',
  ],
] as const;

// Guides that somebody has followed here cannot be followed again.
const isFollowed = existsSync(join(root, 'schema/invoice.graphql'));

// What somebody does with two guides of docs/extending.md, to a clone of this repository.
describe.skipIf(isFollowed)('a clone in which the guides were followed', () => {
  let clone: string;
  beforeAll(async () => {
    clone = await copyClone();
    await followGuide(clone, guides.addFeature);
    await followGuide(clone, guides.addGuard);
    await run(clone, 'npm', 'run', 'generate');
  }, 180_000);
  afterAll(() => rm(clone, { recursive: true }));

  test('passes its check', async () => {
    await run(clone, 'npm', 'run', 'check');
  }, 180_000);

  test('answers and refuses as the guides say, and no caller gets around the guard', async () => {
    await writeFile(join(clone, 'tryGuides.ts'), tryGuides);
    expectGuides(await runSource(clone, 'tryGuides.ts'));
    await rm(join(clone, 'tryGuides.ts'));
  }, 180_000);

  test('has the guard in its access map, and in the types of resolvers', async () => {
    const map = await readFile(join(clone, 'schema/access-map.md'), 'utf8');
    expect(map).toContain(
      '| `Mutation.createInvoice` | `@fresh(maxAge: 60)`, `@named` | `mutation { createInvoice }` |',
    );
    const types = await readFile(join(clone, 'src/generated/resolvers.ts'), 'utf8');
    expect(types).toMatch(/createInvoice\?: Resolver<.*SignedInContext<ContextType>/);
  });

  test('changes nothing of the template for projects of others', async () => {
    const generated = 'packages/create-sallyport/template/src/generated/resolvers.ts';
    const [here, there] = [root, clone].map((place) => readFile(join(place, generated), 'utf8'));
    expect(await there).toBe(await here);
  });

  test.runIf(longRuns)(
    'passes the tests of the parts that it shares with the service',
    async () => {
      await run(clone, ...testing, 'test/item');
    },
    600_000,
  );
});

describe('a clone without the feature item', () => {
  let clone: string;
  beforeAll(async () => {
    clone = await copyClone();
    for (const name of ['src/item', 'schema/item.graphql', 'test/item']) {
      await rm(join(clone, name), { recursive: true, force: true });
    }
    const configuration = await readFile(join(clone, 'sallyport.config.ts'), 'utf8');
    const without = configuration
      .replace(/import .* from '.\/src\/item\/resolvers.ts';\n/, '')
      .replace(/itemFeature(, )?/, '');
    await writeFile(join(clone, 'sallyport.config.ts'), without);
    const codegen = await readFile(join(clone, 'codegen.yml'), 'utf8');
    await writeFile(join(clone, 'codegen.yml'), codegen.replace(/ *Item: .*\n/, ''));
    await run(clone, 'npm', 'run', 'generate');
  }, 180_000);
  afterAll(() => rm(clone, { recursive: true }));

  test('passes its check', async () => {
    await run(clone, 'npm', 'run', 'check');
  }, 180_000);

  test.runIf(longRuns)(
    'passes the tests of all other features',
    async () => {
      await run(clone, ...testing);
    },
    600_000,
  );
});
