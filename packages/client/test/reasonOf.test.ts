import { CombinedGraphQLErrors } from '@apollo/client';
import { CombinedError } from '@urql/core';
import { expect, test } from 'vitest';
import { reasonOf, SessionError } from '../src/index.ts';

const message = 'Administrators only.';
const error = { message, extensions: { code: 'FORBIDDEN', reason: 'ADMIN_REQUIRED' } };
const conflict = { message: 'x', extensions: { code: 'CONFLICT' } };

test.each([
  ['CombinedGraphQLErrors of Apollo Client', new CombinedGraphQLErrors({ errors: [error] })],
  [
    'the second error of CombinedGraphQLErrors',
    new CombinedGraphQLErrors({ errors: [conflict, error] }),
  ],
  ['CombinedError of urql', new CombinedError({ graphQLErrors: [error] })],
  [
    'CombinedError of a call of fetch that failed',
    new CombinedError({ networkError: new SessionError(error) }),
  ],
  ['an answer of the server', { data: null, errors: [error] }],
  ['one error of an answer', error],
  ['a list of errors', { errors: [conflict, error] }],
  ['SessionError', new SessionError(error)],
  ['an error whose cause is a SessionError', new Error('x', { cause: new SessionError(error) })],
])('reasonOf returns the reason of %s', (_name, value) => {
  expect(reasonOf(value)).toBe('ADMIN_REQUIRED');
});

test.each([
  ['an error without a reason', new CombinedGraphQLErrors({ errors: [conflict] })],
  ['a connection that failed', new CombinedError({ networkError: new TypeError('fetch failed') })],
  ['an answer without errors', { data: {} }],
  ['an error whose reason is no text', { extensions: { reason: 7 } }],
  ['nothing', undefined],
  ['null', null],
  ['a text', 'ADMIN_REQUIRED'],
])('reasonOf returns null for %s', (_name, value) => {
  expect(reasonOf(value)).toBeNull();
});

test('a SessionError has the code, reason and message of the server', () => {
  const { name, code, reason, extensions, ...rest } = new SessionError(error);
  expect({ name, code, reason, extensions, rest }).toEqual({
    name: 'SessionError',
    code: 'FORBIDDEN',
    reason: 'ADMIN_REQUIRED',
    extensions: error.extensions,
    rest: {},
  });
  expect(new SessionError({})).toMatchObject({ message: '', code: null, reason: null });
});
