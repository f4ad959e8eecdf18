import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/checkout.ts';
import { blocksOf, pages } from '../support/documentation.ts';

test.each(blocksOf('quotation'))('$page, $heading: the file has those lines', (block) => {
  const [, file = ''] = /`(\S+\/\S+)`:$/.exec(block.introduction) ?? [];
  expect(readFileSync(join(root, file), 'utf8')).toContain(block.code);
});

test('every page shows the same command for a new project as docs/extending.md', () => {
  const [beginning] = blocksOf('guide');
  for (const { code } of blocksOf('scaffold')) expect(code).toBe(beginning?.code);
});

test('the configuration for typed resolvers is part of the configuration of the service', () => {
  const configuration = readFileSync(join(root, 'codegen.yml'), 'utf8');
  // The context of a server of one's own is in a file of its own.
  const lines = configuration
    .replaceAll('sallyport#', '../context.ts#')
    .split('\n')
    .map((line) => line.trim());
  const [block] = blocksOf('generation');
  const said = block?.code.trim().split('\n') ?? [];
  expect(said.filter((line) => !lines.includes(line.trim()))).toEqual([]);
});

test('the folders and files of "The house" exist', () => {
  const [block] = blocksOf('house');
  const named = (block?.code.split('\n') ?? [])
    .filter((line) => !line.startsWith(' '))
    .flatMap(
      (line) => /^(?:[\w.]+\/)+(?: +(?:[\w.]+\/)+)*/.exec(line)?.[0].trim().split(/ +/) ?? [],
    );
  expect(named).toContain('schema/');
  // Whoever needs no example may delete it.
  const missing = named.filter((name) => name !== 'src/item/' && !existsSync(join(root, name)));
  expect(missing).toEqual([]);
});

test('each link of a page leads to an existing file and heading', () => {
  const dead = [...pages].flatMap(([page, text]) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    return links.flatMap(([, path = '', anchor]) => {
      const target = path === '' ? page : join(page, '..', path);
      if (!existsSync(join(root, target))) return `${page}: ${path}`;
      if (anchor === undefined) return [];
      return anchorsOf(pages.get(target) ?? '').includes(anchor)
        ? []
        : `${page}: ${path}#${anchor}`;
    });
  });
  expect(dead).toEqual([]);
});

/** The anchors that GitHub makes of the headings of a page. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
