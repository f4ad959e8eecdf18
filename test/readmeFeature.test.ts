import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyCheckout, root, run } from './support/checkout.ts';
import { onPostgres } from './support/database.ts';

let project: string;
beforeAll(async () => {
  project = await copyCheckout();
});
afterAll(() => rm(project, { recursive: true }));

// What a reader does with the section, to a copy of the project. The database plays no part in it.
test.skipIf(onPostgres)(
  'the feature of "Add a feature" is generated, compiles and answers',
  async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const section = readme.split('## Add a feature\n')[1]?.split('\n## ')[0] ?? '';
    const files = section.matchAll(
      /`((?:schema|src)\/invoice[^`]*)`[^`]*(?:`[^`]+`[^`]*)*?```\w+\n([^`]*)```/g,
    );
    for (const [, path = '', content = ''] of files) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), content);
    }
    const line = /export const features[^`]*/.exec(section)?.[0] ?? '';
    const features = await readFile(join(project, 'src/features.ts'), 'utf8');
    await writeFile(
      join(project, 'src/features.ts'),
      `import { invoiceResolvers } from './invoice/resolvers.ts';\n${features.replace(/export const features[^;]*;/, line)}`,
    );

    await run(project, 'npm', 'run', 'generate');
    await run(project, 'npx', 'tsc', '--project', 'tsconfig.build.json', '--noEmit');
    await writeFile(join(project, 'try.ts'), tryOut);
    const stdout = await run(project, 'npx', 'tsx', 'try.ts');
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual([
      { invoices: [] },
      { createInvoice: { title: 'A chair' } },
      { invoices: [{ title: 'A chair' }] },
      null,
    ]);
  },
  90_000,
);

const tryOut = `
import { createApp } from './src/app.ts';
import { loadConfig } from './src/config.ts';
import { openDatabase } from './src/database.ts';

const secretKey = 'a test server signs with this secret key, and no other does';
const config = loadConfig({ JWT_SECRET_KEY: secretKey, DATA_DIR: 'memory:', LOG_LEVEL: 'silent' });
const { database } = await openDatabase(config, () => {});
const app = await createApp({ config, secretKey, database });
const ask = async (query: string, token?: string) => {
  const headers = token ? { authorization: 'Bearer ' + token } : {};
  const answer = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } });
  return answer.json().data ?? null;
};
const { register } = await ask('mutation { register(username: "ada", password: "correct horse battery") { accessToken } }');
console.log(JSON.stringify([
  await ask('{ invoices { title } }', register.accessToken),
  await ask('mutation { createInvoice(title: "A chair") { title } }', register.accessToken),
  await ask('{ invoices { title } }', register.accessToken),
  await ask('{ invoices { title } }'),
]));
process.exit(0);
`;
