import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { root, run, runSource } from '../support/checkout.ts';
import { onPostgres } from '../support/database.ts';
import { blocksOf } from '../support/documentation.ts';

const blocks = blocksOf('issuers');
const files = blocks.flatMap(({ introduction, code }) => {
  const [, path] = /`(src\/\S+\.ts)`/.exec(introduction) ?? [];
  return path ? [{ path, code }] : [];
});
const [setting = ''] = blocks.flatMap(({ language, code }) => (language === 'sh' ? [code] : []));
const [, value = ''] = /^export TRUSTED_ISSUERS='(.*)'$/m.exec(setting) ?? [];
const [imported = '', option = ''] = blocks
  .filter(({ code }) => !files.some((file) => file.code === code) && code !== setting)
  .map(({ code }) => code);

/** What somebody sees who does all that: a provider in a few lines, and two people with tokens of it. */
const program = `
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createTestServer } from 'sallyport/test';
import definition from './sallyport.config.ts';

const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = [{ ...(await exportJWK(publicKey)), kid: 'a' }];
const provider = createServer(({ url }, response) => {
  const jwks_uri = \`\${issuer}/keys\`;
  response.end(JSON.stringify(url === '/keys' ? { keys } : { issuer, jwks_uri }));
});
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
const issuer = \`http://127.0.0.1:\${(provider.address() as { port: number }).port}\`;
const server = await createTestServer(definition, {
  environment: { TRUSTED_ISSUERS: \`\${issuer} https://api.example.com\` },
});
const seconds = server.clock.now.getTime() / 1000;
const sign = (subject: string, claims: object) =>
  new SignJWT({ iss: issuer, aud: 'https://api.example.com', sub: subject, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'a', typ: 'at+jwt' })
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 300)
    .sign(privateKey);
const ask = async (query: string, token: string) => {
  const { data, errors } = await server.ask(query, { token });
  return errors[0]?.extensions?.['reason'] ?? data;
};
const ada = await sign('1', { name: 'Ada', auth_time: seconds });
const all = await Promise.all(Array.from({ length: 8 }, () => ask('{ me { id fullName } }', ada)));
console.log(new Set(all.map(({ me }) => me.id)).size, all[0].me.fullName);
console.log(JSON.stringify(await ask('{ me { fullName } }', await sign('2', {}))));
console.log(await ask('mutation { createApiToken(name: "x") { token } }', ada));
console.log(await ask('mutation { logout }', ada));
console.log(await ask('mutation { deleteAccount }', await sign('2', {})));
console.log(await ask('{ users { edges { cursor } } auditLog { edges { cursor } } }', ada));
await server.close();
provider.close();
`;

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-issuers-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(root, join(project, 'node_modules/sallyport'));
  for (const name of ['@sallyport', '@types', 'drizzle-orm', 'graphql', 'jose', 'tsx']) {
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  const configuration = `import { defineServer } from 'sallyport';
${imported}
export default defineServer({
  migrations: new URL('./drizzle', import.meta.url),
${option}});
`;
  const compiler = {
    extends: join(root, 'tsconfig.json'),
    include: ['*.ts', 'src', join(root, 'src/**/*.d.ts')],
  };
  const all = [
    ...files,
    { path: 'sallyport.config.ts', code: configuration },
    { path: 'program.ts', code: program },
    { path: 'package.json', code: '{ "type": "module" }' },
    { path: 'tsconfig.json', code: JSON.stringify(compiler) },
  ];
  for (const { path, code } of all) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), code);
  }
});
afterAll(() => rm(project, { recursive: true }));

test('the setting of the page is valid', () => {
  expect(loadConfig({ TRUSTED_ISSUERS: value }).trustedIssuers).toEqual([
    { issuer: 'https://login.example.com', audience: 'https://api.example.com', jwksUrl: null },
  ]);
});

// The database is the program's own.
test.skipIf(onPostgres)(
  'the steps of the page admit users of another issuer',
  async () => {
    expect(files.map(({ path }) => path)).toEqual([
      'src/identity/table.ts',
      'src/identity/userOfIssuer.ts',
    ]);
    const drizzle = [
      ...[
        '--conditions=sallyport-source',
        join(root, 'node_modules/drizzle-kit/bin.cjs'),
        'generate',
      ],
      ...['--dialect=postgresql', '--schema=src/identity/table.ts', '--out=drizzle'],
    ];
    await run(project, process.execPath, ...drizzle);
    expect(await run(project, join(root, 'node_modules/.bin/tsc'), '--noEmit')).toBe('');
    expect((await runSource(project, 'program.ts')).trim().split('\n')).toEqual([
      '1 Ada',
      '{"me":{"fullName":null}}',
      'TOKEN_WRONG_TYPE',
      'TOKEN_WRONG_TYPE',
      'FRESH_TOKEN_REQUIRED',
      'ADMIN_REQUIRED',
    ]);
  },
  120_000,
);
