import { expect, test } from 'vitest';
import { authErrorCodes, isAuthErrorReason } from '../src/index.ts';

test.each(Object.keys(authErrorCodes))('%s is a reason', (reason) => {
  expect(isAuthErrorReason(reason)).toBe(true);
});

test.each([
  '',
  'token_expired',
  'toString',
  '__proto__',
  'FROM_A_NEWER_SERVER',
  null,
  undefined,
  7,
  {},
])('%j is not a reason', (reason) => {
  expect(isAuthErrorReason(reason)).toBe(false);
});
