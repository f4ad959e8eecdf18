import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CoordinateAccess } from '@sallyport/guards';
import { beforeAll, describe, expect, test } from 'vitest';
import { accessCommand, explainCommand } from '../../src/commands/access.ts';
import { testService } from '../support/testService.ts';

/** Runs a command as the operator would, and returns what it printed. */
async function run(command: typeof accessCommand, args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const fail = () => {
    throw new Error(complaints.join(''));
  };
  const complaints: string[] = [];
  await command(
    (text) => void printed.push(text),
    async () => testService,
  )
    .exitOverride(fail)
    .configureOutput({ writeErr: (text) => void complaints.push(text) })
    .parseAsync(args, { from: 'user' });
  return printed.join('\n');
}

describe('access', () => {
  test('prints a page that begins with the fields that anonymous callers can read', async () => {
    const page = await run(accessCommand, []);
    const [, anyone = ''] = page.split('\n## ');
    expect(anyone).toContain('Anyone: a token is not looked at');
    expect(anyone).toContain('| `Query.serverTime` | `@public` | `{ serverTime }` |');
    expect(anyone).not.toMatch(/User|Session|AuditEvent|price/);
  });

  test('prints the same as JSON: for each field its directives, and the path that requires least', async () => {
    const map: CoordinateAccess[] = JSON.parse(await run(accessCommand, ['--json']));
    const of = (coordinate: string) => map.find((access) => access.coordinate === coordinate);
    expect(of('Item.price')).toEqual({
      coordinate: 'Item.price',
      requirements: [{ directive: 'auth', args: {}, coordinate: 'Item.price' }],
      reach: [
        {
          // Of two that ask the same, the one that the way meets first.
          requirements: [{ directive: 'auth', args: {}, coordinate: 'Query.item' }],
          path: '{ item { price } }',
        },
      ],
      hasMore: false,
    });
    expect(of('User.active')?.requirements).toEqual([
      { directive: 'auth', args: {}, coordinate: 'User' },
      { directive: 'admin', args: {}, coordinate: 'User.active' },
    ]);
  });
});

describe('explain', () => {
  let file: string;
  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'sallyport-explain-')), 'query.graphql');
    const query = 'query Mine { me { username active } items { edges { node { price } } } }';
    const mutation = 'mutation Drop { deleteItem(name: "chair") serverTime: __typename }';
    await writeFile(file, `${query}\n${mutation}`);
  });

  test.each([
    [
      'anonymous',
      'Mine',
      `As anonymous: runs, without the fields that are refused

refused      me                      Query.me              @auth: TOKEN_MISSING
not reached  me.username             User.username
not reached  me.active               User.active
allowed      items                   Query.items
allowed      items.edges             ItemConnection.edges
allowed      items.edges.node        ItemEdge.node
refused      items.edges.node.price  Item.price            @auth: TOKEN_MISSING`,
    ],
    [
      'user',
      'Drop',
      `As user: refused whole, nothing runs: Administrators only.

refused  deleteItem  Mutation.deleteItem  @admin: ADMIN_REQUIRED
allowed  serverTime  Mutation.__typename`,
    ],
    [
      'admin',
      'Drop',
      `As admin: runs

allowed  deleteItem  Mutation.deleteItem
allowed  serverTime  Mutation.__typename`,
    ],
  ])('explains for %s the verdict on each field of %s', async (caller, operation, text) => {
    const args = ['--as', caller, '--operation', operation, file];
    expect(await run(explainCommand, args)).toBe(text);
  });

  test.each([
    [
      'a file of several operations, without a name',
      [],
      'Say which operation of the file: --operation <name>.',
    ],
    [
      'an operation that the file does not have',
      ['--operation', 'Other'],
      'The file has no operation Other.',
    ],
  ])('refuses %s', async (_what, args, message) => {
    await expect(run(explainCommand, ['--as', 'user', ...args, file])).rejects.toThrow(message);
  });

  test.each([
    [
      'a document that does not fit the schema',
      '{ nobody }',
      'Cannot query field "nobody" on type "Query".',
    ],
    ['a document that cannot be parsed', '{ me', 'Syntax Error: Expected Name, found <EOF>.'],
    ['an empty file', '', 'Syntax Error: Unexpected <EOF>.'],
  ])('refuses %s, with its place', async (_what, source, message) => {
    const bad = join(await mkdtemp(join(tmpdir(), 'sallyport-explain-')), 'bad.graphql');
    await writeFile(bad, source);
    await expect(run(explainCommand, ['--as', 'user', bad])).rejects.toThrow(message);
  });

  test('refuses an unknown caller, and requires a caller', async () => {
    await expect(run(explainCommand, ['--as', 'bob', file])).rejects.toThrow(
      'Allowed choices are anonymous, user, fresh, admin, fresh-admin.',
    );
    await expect(run(explainCommand, [file])).rejects.toThrow("required option '--as <caller>'");
  });
});
