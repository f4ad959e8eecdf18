import { type Authentication, callers, guardSchema, signedIn } from '@sallyport/guards';
import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessDocument } from '../../../../src/server/accessDocument.ts';
import { refresh, register } from '../../../../test/support/account.ts';
import { startApp, type TestApp } from '../../../../test/support/app.ts';
import { guards as engineGuards, unguardedSchema } from '../../../guards/test/guardedSchema.ts';
import { judge } from '../../src/access/judge.ts';
import { type OpenedAccess, openAccess } from '../../src/access/openAccess.ts';
import { reachableFields } from '../../src/access/reachable.ts';
import { randomRequest } from '../support/randomRequest.ts';

let app: TestApp;
let access: OpenedAccess;
const tokens = new Map<keyof typeof callers, string>();
beforeAll(async () => {
  app = await startApp();
  const { payload } = await app.inject({ url: '/graphql/access.json' });
  access = openAccess(JSON.parse(payload));
  for (const admin of [false, true]) {
    const fresh = await register(app, { admin });
    const stale = await refresh(app, (await register(app, { admin })).refreshToken);
    tokens.set(admin ? 'fresh-admin' : 'fresh', fresh.accessToken);
    tokens.set(admin ? 'admin' : 'user', stale.data.refresh.accessToken);
  }
});
afterAll(() => app.close());

const names = Object.keys(callers) as (keyof typeof callers)[];
const reasonsOf = (errors: readonly { message: string; extensions?: object }[]) =>
  [
    ...new Set(errors.map(({ message, extensions }) => JSON.stringify([message, extensions]))),
  ].toSorted();

describe('the verdict of the page on an operation', () => {
  test('agrees with the answer of the server, for 500 random operations', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.gen(), fc.constantFrom(...names), async (take, name) => {
        const source = randomRequest(take, access.schema);
        const token = tokens.get(name);
        const judgement = judge(access, { source, operationName: null }, callers[name]);
        const answer = await app.ask(source, token ? { token } : {});
        seen.set(judgement.status, (seen.get(judgement.status) ?? 0) + 1);
        if (!('explanation' in judgement))
          throw new Error(`Not judged: ${JSON.stringify(judgement)}`);
        const { refusedWhole, fields } = judgement.explanation;
        if (judgement.status === 'refused') {
          expect(answer.data).toBe(null);
          expect(reasonsOf(answer.errors)).toEqual(reasonsOf(refusedWhole));
          return;
        }
        expect(answer.data).not.toBe(null);
        const placesOf = (wanted: string) =>
          fields
            .filter(({ verdict }) => verdict === wanted)
            .map(({ path, error }) => [path.replaceAll(/ \(\w+\)/g, ''), error?.message] as const);
        const refused = new Map(placesOf('refused'));
        const open = new Map(placesOf('depends'));
        for (const { path = [], message, extensions } of answer.errors) {
          const place = path.filter((key) => typeof key === 'string').join('.');
          if (!extensions?.['reason'] || open.has(place)) continue;
          expect([place, message]).toEqual([place, refused.get(place)]);
        }
        // What is at the root is always reached, unless it is skipped.
        if (source.startsWith('mutation')) return;
        for (const [path, message] of refused) {
          if (path.includes('.')) continue;
          expect(answer.errors).toContainEqual(expect.objectContaining({ path: [path], message }));
        }
      }),
      { numRuns: 500, endOnFailure: true },
    );
    expect([...seen.keys()].toSorted()).toEqual(['depends', 'partial', 'refused', 'runs']);
  }, 120_000);

  test('marks the lines of refused fields', () => {
    const source = '{\n  serverTime\n  me {\n    active\n  }\n}';
    const judgement = judge(access, { source, operationName: null }, callers.user);
    expect(judgement).toMatchObject({
      status: 'partial',
      marks: [{ line: 4, message: 'active: Administrators only.' }],
    });
  });

  test.each([
    ['', { status: 'empty' }],
    ['# nothing but a comment', { status: 'empty' }],
    ['{ me {', { status: 'invalid', message: 'This is not a whole document yet.' }],
    [
      '{ nothing }',
      { status: 'invalid', message: 'Cannot query field "nothing" on type "Query".' },
    ],
  ])('is empty for %j', (source, expected) => {
    expect(judge(access, { source, operationName: null }, callers.user)).toEqual(expected);
  });

  test('is about the chosen operation', () => {
    const source = 'query A { serverTime } query B { me { id } }';
    const statusOf = (operationName: string) =>
      judge(access, { source, operationName }, callers.anonymous).status;
    expect([statusOf('A'), statusOf('B')]).toEqual(['runs', 'refused']);
  });
});

test('the fields that an account could reach agree with the access map', () => {
  const verdictOf = (coordinate: string, caller: Authentication) =>
    reachableFields(access, caller).find((field) => field.coordinate === coordinate)?.verdict;
  expect(verdictOf('Item.price', callers.anonymous)).toBe('no');
  expect(verdictOf('Item.price', callers.user)).toBe('yes');
  expect(verdictOf('User.active', callers.user)).toBe('no');
  expect(verdictOf('User.active', callers.admin)).toBe('yes');
});

describe('a guard of the server', () => {
  const guards = {
    ...engineGuards,
    verified: signedIn(() => null),
    weekdays: () => new GraphQLError('Not on Sundays.', { extensions: { code: 'FORBIDDEN' } }),
  };
  const sdl = `
    directive @weekdays on FIELD_DEFINITION
    type Query { mine: ID @verified open: ID @weekdays free: ID @public }
  `;
  const schema = guardSchema(unguardedSchema(sdl), { guards });
  const opened = openAccess(accessDocument(schema, { guards, freshSeconds: 300 }));
  const statusOf = (source: string, caller: Authentication) =>
    judge(opened, { source, operationName: null }, caller);

  test('refuses an anonymous caller as on the server, and depends on the user otherwise', () => {
    expect(statusOf('{ mine }', callers.anonymous).status).toBe('refused');
    expect(statusOf('{ mine }', callers.user).status).toBe('depends');
    expect(statusOf('{ open }', callers.anonymous)).toMatchObject({
      status: 'refused',
      explanation: { refusedWhole: [{ message: 'Not on Sundays.' }] },
    });
    expect(statusOf('{ open }', callers.user).status).toBe('depends');
  });

  test('counts as passed in the fields that an account could reach', () => {
    const verdicts = reachableFields(opened, callers.user).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['depends', 'depends', 'yes']);
  });
});
