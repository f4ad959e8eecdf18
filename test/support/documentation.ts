import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './checkout.ts';

/** A fenced block of code in a page, with what a reader knows when they come to it. */
export interface Block {
  readonly page: string;
  /** The heading it stands below. */
  readonly heading: string;
  readonly language: string;
  readonly code: string;
  /** The paragraph directly above it; empty where there is none. */
  readonly introduction: string;
  /** The block directly above it, with nothing said in between. */
  readonly previous: Block | null;
}

const folders = [
  '.',
  'docs',
  'docs/decisions',
  'packages/client',
  'packages/create-sallyport',
  'packages/guards',
];

/** Every page that people write, by its path. */
export const pages: ReadonlyMap<string, string> = new Map(
  folders
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);

/** Every fenced block of every page, in the order in which they are read. */
export const blocks: readonly Block[] = [...pages].flatMap(([page, text]) => blocksIn(page, text));

function blocksIn(page: string, text: string): Block[] {
  const found: Block[] = [];
  let heading = '';
  let paragraph: string | null = null;
  // At odd places is the inside of a fence, which begins with its language.
  for (const [index, part] of text.split(/^```/m).entries()) {
    if (index % 2 === 1) {
      const [language = '', ...lines] = part.split('\n');
      const previous = (paragraph === null && found.at(-1)) || null;
      const introduction = paragraph ?? '';
      found.push({ page, heading, language, code: lines.join('\n'), introduction, previous });
    } else {
      heading = [...part.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? heading;
      paragraph = part.trim() === '' ? null : (part.trim().split('\n\n').at(-1) ?? null);
    }
  }
  return found;
}

/** What stands below a heading, down to the next one. */
export function sectionOf(page: string, heading: string): string {
  const [, behind = ''] = (pages.get(page) ?? '').split(new RegExp(`^#+ ${heading}\n`, 'm'));
  return behind.split(/^#+ /m)[0] ?? '';
}

/** The rows of the table in a piece of a page, below its head: a list of cells each. */
export function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

const isExchange = ({ language, code }: Block) => language === 'sh' && code.startsWith('curl ');
const isPackage = ({ page }: Block) => page.startsWith('packages/');
const usesKit = ({ page, code }: Block) =>
  page === 'docs/clients.md' && code.includes("from '@sallyport/client'");

/** What a test does with a block, by its kind. Each block is of exactly one. */
export const kinds = {
  /** A request to the server that has just started: test/docs/exchanges. */
  exchange: isExchange,
  /** The answer to the request above it: test/docs/exchanges. */
  answer: ({ language, previous }) =>
    language === 'json' && previous !== null && isExchange(previous),
  /** The two commands that `.ci/run` takes from README.md and runs: test/docs/commands. */
  start: ({ page, heading }) => page === 'README.md' && heading === 'Start',
  /** What installs a package: test/docs/commands. */
  install: (block) => isPackage(block) && block.code.startsWith('npm install @'),
  /** What the program below it imports: packages/client/test/server/programs. */
  ingredients: ({ page, code }) => page === 'docs/clients.md' && code.startsWith('npm install @'),
  /** How a project begins, as docs/extending.md has it: test/docs/quotations. */
  scaffold: ({ code, page }) => code.startsWith('npm create ') && page !== 'docs/extending.md',
  /** What an operator types: test/docs/commands. */
  operator: ({ code }) => code.startsWith('npm run user -- '),
  /** A setting, and how it is made: test/docs/settings. */
  setting: ({ page, language, code }) =>
    language === 'sh' && code.startsWith('export ') && page !== 'docs/other-issuers.md',
  /** What README.md shows of the schema: test/docs/picture. */
  picture: ({ page, heading }) => page === 'README.md' && heading === 'Sallyport',
  /** A schema whose comments say what guards a field: test/docs/gate. */
  guarded: ({ page, heading }) => page === 'docs/gate.md' && heading === 'Directives',
  /** An operation, the command that explains it, and what that prints: test/docs/commands. */
  explanation: ({ heading }) => heading === 'Explain an operation',
  /** Lines of the file that the sentence above names: test/docs/quotations. */
  quotation: ({ page, heading }) => page === 'docs/gate.md' && heading === 'The proof',
  /** The folders of the repository: test/docs/quotations. */
  house: ({ page, heading }) => page === 'CONTRIBUTING.md' && heading === 'The house',
  /** A client of its own, whose access token expires where it says so: test/docs/plainClient. */
  client: ({ page, heading }) => page === 'docs/clients.md' && heading === 'Without the kit',
  /** The command that prints the SDL, and a configuration for what it prints: test/commands/schema. */
  types: ({ page, heading }) => page === 'docs/clients.md' && heading === 'Types for a front end',
  /** What readers do to a project: test/whole/extending and test/install/scaffold. */
  guide: ({ page }) => page === 'docs/extending.md',
  /** What readers do to have users of another issuer: test/docs/otherIssuers. */
  issuers: ({ page }) => page === 'docs/other-issuers.md',
  /** A program of a package, or with the kit, which the tests of the package run: packages/…/test. */
  program: (block) => block.language === 'ts' && (isPackage(block) || usesKit(block)),
  /** What graphql-codegen is told, as `codegen.yml` has it: test/docs/quotations. */
  generation: ({ page, heading }) =>
    page === 'packages/guards/README.md' && heading === 'Typed resolvers',
} satisfies Record<string, (block: Block) => boolean>;

export function blocksOf(kind: keyof typeof kinds): Block[] {
  return blocks.filter(kinds[kind]);
}
