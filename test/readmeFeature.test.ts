import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onPostgres } from './support/database.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const copied = ['src', 'schema', 'drizzle', 'codegen.yml', 'drizzle.config.ts', 'package.json'];

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-readme-'));
  for (const name of [...copied, 'tsconfig.json', 'tsconfig.build.json']) {
    await cp(join(root, name), join(project, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
});
afterAll(() => rm(project, { recursive: true }));

const run = (command: string, ...args: string[]) =>
  promisify(execFile)(command, args, { cwd: project });

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

    await run('npm', 'run', 'generate');
    await run('npx', 'tsc', '--project', 'tsconfig.build.json', '--noEmit');
    await writeFile(join(project, 'try.ts'), tryOut);
    const { stdout } = await run('npx', 'tsx', 'try.ts');
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
