import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { run } from '../support/checkout.ts';
import { type Installed, install, sizeOf } from './installed.ts';

// 150 packages and 101 MB that nothing else here needs: this test alone installs them, into a folder of its own.
const others = [
  '@apollo/gateway@2.14.4',
  '@apollo/server@5.5.1',
  '@apollo/subgraph@2.14.4',
  '@mercuriusjs/federation@5.1.1',
  'fastify@5',
  // @mercuriusjs/federation does not say that it needs it.
  'fastify-plugin@6',
  'graphql@16',
  'mercurius@16.10.1',
];

interface Answer {
  readonly data: unknown;
  readonly reasons: readonly string[];
  /** The references that were resolved, and the mutations that ran. */
  readonly resolved: readonly string[];
}

let installed: Installed;
let answers: Readonly<Record<string, Answer>>;
beforeAll(async () => {
  installed = await install([inject('tarballs').guards, ...others]);
  process.stdout.write(`a gateway and two guarded subgraphs: ${await sizeOf(installed)}\n`);
  const program = fileURLToPath(new URL('gateway/program.mjs', import.meta.url));
  await copyFile(program, join(installed.directory, 'program.mjs'));
  answers = JSON.parse(await run(installed.directory, process.execPath, 'program.mjs'));
});
afterAll(async () => {
  await rm(installed.directory, { recursive: true });
});

const review = (text: string, notes: string | null, author: object | null) => {
  return { text, notes, author };
};
const nobody = [review('good', null, null), review('bad', null, null)];
const four = (reason: string) => Array.from({ length: 4 }, () => reason);
const ran = { reasons: [] };

describe('through Apollo’s gateway, over a subgraph of Apollo and one of Mercurius', () => {
  test.each<[string, Answer]>([
    ['public anonymous', { data: { version: '1' }, ...ran, resolved: [] }],
    ['public bad', { data: { version: '1' }, ...ran, resolved: [] }],
    [
      'references anonymous',
      { data: { reviews: nobody }, reasons: four('TOKEN_MISSING'), resolved: [] },
    ],
    ['references bad', { data: { reviews: nobody }, reasons: four('TOKEN_INVALID'), resolved: [] }],
    [
      'references user',
      {
        data: {
          reviews: [
            review('good', null, { name: 'ada', salary: null }),
            review('bad', null, { name: 'root', salary: null }),
          ],
        },
        reasons: four('ADMIN_REQUIRED'),
        resolved: ['User 1', 'User 2'],
      },
    ],
    [
      'references admin',
      {
        data: {
          reviews: [
            review('good', 'hm', { name: 'ada', salary: 5 }),
            review('bad', 'ha', { name: 'root', salary: 7 }),
          ],
        },
        ...ran,
        resolved: ['User 1', 'User 2'],
      },
    ],
    ['back anonymous', { data: { me: null }, reasons: ['TOKEN_MISSING'], resolved: [] }],
    [
      'back user',
      {
        data: { me: { name: 'ada', reviews: [{ text: 'good' }] } },
        ...ran,
        resolved: ['author 1'],
      },
    ],
    [
      'mutation anonymous',
      { data: { rename: null, close: null }, reasons: ['TOKEN_MISSING'], resolved: [] },
    ],
    [
      'mutation user',
      { data: { rename: null, close: null }, reasons: ['ADMIN_REQUIRED'], resolved: [] },
    ],
    [
      'mutation admin',
      {
        data: { rename: { name: 'eve', salary: 5 }, close: true },
        ...ran,
        resolved: ['close', 'rename'],
      },
    ],
  ])('%s', (title, answer) => {
    expect(answers[title]).toEqual(answer);
  });
});
