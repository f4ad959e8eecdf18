import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from '../../support/checkout.ts';

/** A guide of docs/extending.md: its title, and how a reader follows it in a project. */
interface Guide {
  readonly title: string;
  readonly follow: (project: string, blocks: readonly string[]) => Promise<void>;
}

const addFeature: Guide = {
  title: 'Add a feature',
  async follow(project, [schema = '', table = '', domain = '', resolvers = '', line = '']) {
    await write(project, 'schema/invoice.graphql', schema);
    await write(project, 'src/invoice/table.ts', table);
    await write(project, 'src/invoice/invoice.ts', domain);
    await write(project, 'src/invoice/resolvers.ts', resolvers);
    await edit(project, configuration, /(?<=defineServer.*\n)/, line);
    const isFirst = (await readFile(join(project, configuration), 'utf8')).includes('features: []');
    const entry = isFirst ? 'invoiceFeature' : ', invoiceFeature';
    await edit(project, configuration, /(?<=features: \[.*)(?=\])/, entry);
  },
};

const addGuard: Guide = {
  title: 'A guard of your own',
  async follow(
    project,
    [directive = '', field = '', guard = '', line = '', option = '', context = ''],
  ) {
    await edit(project, 'schema/invoice.graphql', /^/, directive);
    await edit(project, 'schema/invoice.graphql', /^ {2}\): Invoice .*\n/m, field, 'replace');
    await write(project, 'src/named.ts', guard);
    await addOption(project, line, option);
    await edit(project, 'codegen.yml', /(?<=directiveContextTypes:\n)/, context);
  },
};

const addMessages: Guide = {
  title: 'Own error messages',
  async follow(project, [messages = '', line = '', option = '']) {
    await write(project, 'src/messages.ts', messages);
    await addOption(project, line, option);
  },
};

export const guides = { addFeature, addGuard, addMessages };

const configuration = 'sallyport.config.ts';

/** Does in a project what a guide of docs/extending.md says, to the letter; but for the commands. */
export async function followGuide(project: string, { title, follow }: Guide): Promise<void> {
  const page = await readFile(join(root, 'docs/extending.md'), 'utf8');
  const section = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const blocks = [...section.matchAll(/```(?!sh)\w+\n(.*?)```/gs)].map(([, block = '']) => block);
  await follow(project, blocks);
}

async function addOption(project: string, line: string, option: string): Promise<void> {
  await edit(project, configuration, /(?<=^import .*;\n)(?=\n)/m, line);
  await edit(project, configuration, /(?<= {2}features: .*\n)/, option);
}

async function write(project: string, name: string, text: string): Promise<void> {
  if (text === '') throw new Error(`The guide has no text for ${name}.`);
  await mkdir(dirname(join(project, name)), { recursive: true });
  await writeFile(join(project, name), text);
}

async function edit(
  project: string,
  name: string,
  place: RegExp,
  text: string,
  how: 'insert' | 'replace' = 'insert',
): Promise<void> {
  const before = await readFile(join(project, name), 'utf8');
  if (text === '' || !place.test(before)) throw new Error(`${name} has no place for: ${text}`);
  await write(
    project,
    name,
    before.replace(place, (found) => (how === 'insert' ? `${found}${text}` : text)),
  );
}
