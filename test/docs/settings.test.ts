import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { environment } from '../../src/config/environment.ts';
import { secrets } from '../../src/config/secretFiles.ts';
import { blocksOf, pages, rowsOf } from '../support/documentation.ts';

const page = pages.get('docs/settings.md') ?? '';
const [introduction = '', ...sections] = page.split('\n## ');
const said = sections.flatMap(rowsOf).map(([name = '', ...cells]) => [name.slice(1, -1), ...cells]);

describe('docs/settings.md', () => {
  test('has each variable once, and no variable that is not read', () => {
    expect(said.map(([name]) => name).toSorted()).toEqual(
      Object.keys(environment.shape).toSorted(),
    );
  });

  test.each(Object.entries(environment.shape))('has the default of %s', (name, variable) => {
    const [, cell = ''] = said.find(([saidName]) => saidName === name) ?? [];
    const value = variable.parse(undefined);
    const [, literal = ''] = /^`(.*)`$/.exec(cell) ?? [];
    expect(literal).toBe(value === null ? '' : String(value));
  });

  test('has each secret that can be in a file', () => {
    const [, named = ''] = /with `_FILE`.*?:([^.]*)\./s.exec(introduction) ?? [];
    expect([...named.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(secrets);
  });
});

test.each(blocksOf('setting'))(
  'the settings of $page in "$heading" are valid',
  async ({ code }) => {
    // What would start the server says what it was given.
    const script = `npm() { ${process.execPath} -p 'JSON.stringify(process.env)'; }\n${code}\nnpm`;
    const env = { PATH: process.env['PATH'] };
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-ec', script], { env });
    const { JWT_SECRET_KEY, JWT_PRIVATE_KEY, DATABASE_URL, NODE_ENV } = JSON.parse(
      stdout.split('\n')[0] ?? '',
    );
    const given = { JWT_SECRET_KEY, JWT_PRIVATE_KEY, DATABASE_URL, NODE_ENV };
    const { jwt } = loadConfig(given);
    expect(jwt.secretKey ?? jwt.privateKey).toEqual(expect.any(String));
  },
);
