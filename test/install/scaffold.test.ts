import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { run } from '../support/checkout.ts';
import { databaseUrlOf, runOnServer } from '../support/postgres.ts';
import { expectGuides } from '../whole/guides/expectGuides.ts';
import { followGuide, guides } from '../whole/guides/followGuide.ts';
import { tryGuides } from '../whole/guides/programs.ts';
import { nextRelease, scaffold, useTarballs } from './scaffolded.ts';
import { startScaffolded } from './startScaffolded.ts';

const program = ['node_modules/sallyport/bin/sallyport.js', 'serve'];
const password = 'correct horse battery';

const tarballs = inject('tarballs');
let directory: string;
let project: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-scaffold-'));
  project = await scaffold(tarballs);
  const size = await run(project, 'du', '-sm', 'node_modules');
  process.stdout.write(`a scaffolded project: ${size.split('\t')[0]} MB\n`);
}, 600_000);
afterAll(async () => {
  await rm(join(project, '..'), { recursive: true });
  await rm(directory, { recursive: true });
});

async function expectGreen(): Promise<void> {
  await run(project, 'npm', 'run', 'check');
  await run(project, 'npm', 'test');
}

async function followAndGenerate(guide: (typeof guides)[keyof typeof guides]): Promise<void> {
  await followGuide(project, guide);
  await run(project, 'npm', 'run', 'generate');
}

/** Signs up and uses what is there of notes. */
async function writeNote(environment: Readonly<Record<string, string>>, cwd = project) {
  const server = await startScaffolded(cwd, program, environment);
  const username = `user-${randomUUID().slice(0, 8)}`;
  try {
    const { data } = await server.ask(
      `mutation { register(username: "${username}", password: "${password}") { accessToken } }`,
    );
    const token = data.register.accessToken;
    await server.ask('mutation { createNote(text: "Buy milk") { text } }', token);
    const notes = await server.ask('{ notes { text } }', token);
    const anonymous = await server.ask('{ notes { text } }', undefined, 'de');
    return { notes: notes.data, refused: anonymous.errors?.[0] };
  } finally {
    await server.stop();
  }
}

const written = {
  notes: { notes: [{ text: 'Buy milk' }] },
  refused: expect.objectContaining({
    extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' },
  }),
};

// Each step builds on the one before, as for a reader.
describe('a project made by npm create sallyport', () => {
  test('passes its check as made', expectGreen, 300_000);

  test('serves its feature on the embedded database', async () => {
    expect(await writeNote({ DATA_DIR: join(directory, 'first') })).toEqual(written);
  });

  test('passes its check after "Add a feature"', async () => {
    await followAndGenerate(guides.addFeature);
    await expectGreen();
  }, 300_000);

  test('passes its check after "A guard of your own", and behaves as both guides say', async () => {
    await followAndGenerate(guides.addGuard);
    await expectGreen();
    await writeFile(join(project, 'tryGuides.ts'), tryGuides);
    expectGuides(await run(project, process.execPath, '--import', 'tsx', 'tryGuides.ts'));
    await rm(join(project, 'tryGuides.ts'));
  }, 300_000);

  test('passes its check after "Own error messages", and sends them', async () => {
    await followGuide(project, guides.addMessages);
    await expectGreen();
    const { refused } = await writeNote({ DATA_DIR: join(directory, 'first') });
    expect(refused?.message).toBe('Bitte melden Sie sich zuerst an.');
  }, 300_000);

  test('has its feature in every command', async () => {
    const sallyport = (...args: string[]) => run(project, 'npx', 'sallyport', ...args);
    expect(await sallyport('schema')).toContain('@named');
    expect(await sallyport('access')).toContain('Mutation.createInvoice');
    await writeFile(join(project, 'query.graphql'), '{ invoices { title } }');
    expect(await sallyport('explain', '--as', 'user', 'query.graphql')).toContain('invoices.title');
  }, 120_000);

  test.runIf(process.env['TEST_DATABASE_URL'])(
    'serves its feature on Postgres',
    async () => {
      const name = `sallyport_${randomUUID().replaceAll('-', '')}`;
      await runOnServer(`create database ${name}`);
      try {
        const settings = {
          DATABASE_URL: databaseUrlOf(name),
          JWT_SECRET_KEY: randomBytes(48).toString('base64'),
          NODE_ENV: 'production',
        };
        expect(await writeNote(settings)).toEqual(written);
      } finally {
        await runOnServer(`drop database ${name} with (force)`);
      }
    },
    120_000,
  );

  test('runs compiled, without packages for development and without its sources', async () => {
    await run(project, 'npm', 'run', 'build');
    const production = join(directory, 'production');
    await mkdir(production);
    for (const name of ['dist', 'drizzle', 'schema', 'package.json', 'package-lock.json']) {
      await cp(join(project, name), join(production, name), { recursive: true });
    }
    await run(production, 'npm', 'ci', '--omit=dev', '--no-audit', '--no-fund');
    expect(await writeNote({ DATA_DIR: join(directory, 'second') }, production)).toEqual(written);
    // With its sources beside it, which this Node may not read.
    await cp(join(project, 'sallyport.config.ts'), join(production, 'sallyport.config.ts'));
    await symlink(join(project, 'src'), join(production, 'src'));
    expect(await writeNote({ DATA_DIR: join(directory, 'second') }, production)).toEqual(written);
  }, 300_000);

  test('passes its check after "Upgrade Sallyport", whose migrations come first, on the same data', async () => {
    const sallyport = await nextRelease(tarballs.sallyport, directory);
    await useTarballs(project, { ...tarballs, sallyport });
    await run(project, 'npm', 'install', '--no-audit', '--no-fund');
    await run(project, 'npm', 'run', 'generate');
    await expectGreen();
    const { version } = JSON.parse(
      await readFile(join(project, 'node_modules/sallyport/package.json'), 'utf8'),
    );
    expect(version).toBe('0.1.1');
    expect(await writeNote({ DATA_DIR: join(directory, 'first') })).toEqual(written);
  }, 300_000);
});
