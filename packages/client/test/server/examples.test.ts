import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../../../test/support/app.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const source = (file: string) =>
  readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');

/** Each function and class that the entries of the package export, with the example of its doc comment. */
const examples = ['index.ts', 'apollo.ts', 'urql.ts'].flatMap((entry) => {
  const exported = [...source(entry).matchAll(/export \{[^}]*\} from '\.\/(.*)'/g)];
  const files = [entry, ...exported.map(([, file = '']) => file)];
  const names = exported.map(([line]) => line).join();
  return files.flatMap((file) => {
    const found = source(file).matchAll(
      /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export (?:async )?(?:function|class) (\w+)/g,
    );
    return [...found]
      .filter(([, , name = '']) => file === entry || new RegExp(`\\b${name}\\b`).test(names))
      .map(([, comment = '', name = '']) => ({ entry, name, code: exampleIn(comment) }));
  });
});

function exampleIn(comment: string): string {
  const [, example = ''] = /^ \* @example\n((?: \*.*\n)*?) \*\/\n$/m.exec(comment) ?? [];
  return example.replaceAll(/^ \* ?/gm, '');
}

const clients: Record<string, string> = {
  'index.ts': '',
  'apollo.ts': `import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
    import { followSession } from '@sallyport/client/apollo';`,
  'urql.ts': `import { cacheExchange, Client, fetchExchange } from '@urql/core';
    import { followSession } from '@sallyport/client/urql';`,
};

/** What an example has around it: the address of the server, and a session. */
const surroundings = `
  import {
    cookieStorage, createSession, isAuthErrorReason, localStorageStorage, memoryStorage, reasonOf, SessionError,
  } from '@sallyport/client';
  const [url = ''] = process.argv.slice(2);
  const session = createSession({ url, singleUser: true });
`;

let app: TestApp;
let project: string;
let url: string;
beforeAll(async () => {
  app = await startApp();
  url = `${await app.http.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  project = await mkdtemp(join(tmpdir(), 'sallyport-client-examples-'));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});
afterAll(async () => {
  await rm(project, { recursive: true });
  await app.close();
});

test.each(examples)(
  'the example of $name of $entry prints the output that it quotes',
  async (example) => {
    const { entry, name, code } = example;
    expect(code).toMatch(/\S/);
    const file = `${entry}-${name}.ts`;
    await writeFile(join(project, file), `${clients[entry]}${surroundings}{\n${code}}\n`);
    const sources = ['--conditions=sallyport-source', '--import', 'tsx'];
    const options = { cwd: project };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...sources, file, url],
      options,
    );
    const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    expect(stdout.trimEnd()).toBe(said.join('\n'));
  },
  60_000,
);
