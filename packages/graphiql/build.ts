import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type BuildOptions, build, type OutputFile, type Plugin } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../../dist/graphiql/', import.meta.url));
const stamp = join(target, '.inputs');

const workers = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
};

/** The files of which the page is made, ours and those of others. */
const made = new Set<string>();

/** Builds the page into `dist/graphiql`: files with hashes in their names, each compressed twice, once and for all. */
async function buildPage(inputs: string): Promise<void> {
  rmSync(target, { recursive: true, force: true });
  const workerFiles = await bundle({ entryPoints: workers, entryNames: '[name].worker-[hash]' });
  const workerNames = Object.fromEntries(
    workerFiles.map(({ path }) => [basename(path).split('.')[0] ?? '', basename(path)]),
  );
  const pageFiles = await bundle({
    entryPoints: { page: join(here, 'src/main.tsx') },
    entryNames: '[name]-[hash]',
    splitting: true,
    define: { workerNames: JSON.stringify(workerNames) },
    alias: {
      'monaco-editor/esm/vs/editor/edcore.main.js': join(here, 'src/editor/monaco.ts'),
      // The names that GraphiQL uses are of CommonJS modules, which a bundle gives no named exports.
      'prettier/parser-babel': 'prettier/plugins/babel',
      'prettier/parser-graphql': 'prettier/plugins/graphql',
    },
  });
  const files = [...workerFiles, ...pageFiles];
  const nameOf = (pattern: RegExp) =>
    files.map(({ path }) => basename(path)).find((name) => pattern.test(name)) ?? '';
  const template = await readFile(join(here, 'src/page.html'), 'utf8');
  const html = template
    .replaceAll('{{script}}', nameOf(/^page-.*\.js$/))
    .replaceAll('{{style}}', nameOf(/^page-.*\.css$/));
  await mkdir(join(target, 'files'), { recursive: true });
  await writeFile(join(target, 'page.html'), html);
  await writeFile(join(target, 'licenses.txt'), await licensesOf(made));
  await Promise.all(files.map(writeCompressed));
  writeFileSync(stamp, inputs);
}

async function bundle(options: BuildOptions): Promise<OutputFile[]> {
  const { outputFiles = [], metafile } = await build({
    bundle: true,
    metafile: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    legalComments: 'none',
    conditions: ['sallyport-source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.ttf': 'file' },
    assetNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outdir: join(target, 'files'),
    plugins: [oneStyleSheet, tabsAsList],
    logLevel: 'warning',
    ...options,
    ...(options.define && {
      define: { 'process.env.NODE_ENV': '"production"', ...options.define },
    }),
  });
  for (const path of Object.keys(metafile?.inputs ?? {})) made.add(path);
  return outputFiles;
}

// Monaco's modules bring their styles in pieces, which nothing would load with the chunks of a dynamic import: the page
// has them all from the one sheet that Monaco ships.
const oneStyleSheet: Plugin = {
  name: 'one style sheet',
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor[\\/]esm[\\/].*\.css$/ }, () => ({
      contents: '',
      loader: 'css',
    }));
  },
};

// GraphiQL's tabs hold two buttons each, which what is a tab by its role may not: a screen reader would read neither.
// As a list they are what they are.
const tabsAsList: Plugin = {
  name: 'tabs as a list',
  setup({ onLoad }) {
    onLoad(
      { filter: /@graphiql[\\/]react[\\/]dist[\\/]components[\\/]tabs[\\/]index\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const roles = ['"aria-selected": isActive,', 'role: "tab",', 'role: "tablist",'];
        if (roles.some((role) => source.split(role).length !== 2)) {
          throw new Error(`${path} is not as it was: look at its roles again.`);
        }
        const [selected = '', ...others] = roles;
        const contents = others.reduce(
          (text, role) => text.replace(role, ''),
          source.replace(selected, '"aria-current": isActive,'),
        );
        return { contents, loader: 'js' };
      },
    );
  },
};

/** The licenses of what others have written for the page, which ask to be passed on with it. */
async function licensesOf(inputs: ReadonlySet<string>): Promise<string> {
  const folders = [...inputs].flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  const texts = [...new Set(folders)].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function writeCompressed({ path, contents }: OutputFile): Promise<void> {
  await writeFile(path, contents);
  const brotli = await promisify(brotliCompress)(contents, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 10,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
    },
  });
  await writeFile(`${path}.br`, brotli);
  await writeFile(`${path}.gz`, await promisify(gzip)(contents, { level: 9 }));
}

/** A digest of all that the page is made of: the sources of the packages, and the versions of what they bring. */
function hashOfInputs(): string {
  const hash = createHash('sha256').update(readFileSync(new URL(import.meta.url)));
  const root = new URL('../../', import.meta.url);
  const lock = new URL('package-lock.json', root);
  if (existsSync(lock)) hash.update(readFileSync(lock));
  for (const name of ['graphiql', 'guards', 'client']) {
    const folder = new URL(`packages/${name}/src/`, root);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    const paths = files
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      .toSorted();
    for (const path of paths)
      hash.update(path.slice(folder.pathname.length)).update(readFileSync(path));
  }
  return hash.digest('hex');
}

const inputs = hashOfInputs();
const isUpToDate = existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs;
if (!isUpToDate) await buildPage(inputs);
