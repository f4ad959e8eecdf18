import type { ApolloServerErrorCode } from '@apollo/server/errors';
import { type AuthErrorReason, authErrors } from '@sallyport/guards';
import { buildSchema } from 'graphql';
import { expect, expectTypeOf, test } from 'vitest';
import { plugin } from '../../codegen/clientErrors.ts';
import * as client from '../../packages/client/src/index.ts';
import type { ApiError } from '../../src/errors.ts';

test('the client has every reason of the server, with its code', () => {
  const codes = Object.entries(authErrors).map(([reason, [code]]) => [reason, code]);
  expect(Object.entries(client.authErrorCodes)).toEqual(codes);
  expectTypeOf<client.AuthErrorReason>().toEqualTypeOf<AuthErrorReason>();
});

// Checked by the compiler, in `npm run check`.
test('the client has every code of the server', () => {
  type ServerCode =
    | client.AuthErrorCode
    | ConstructorParameters<typeof ApiError>[0]
    | `${ApolloServerErrorCode}`;
  expectTypeOf<client.ErrorCode>().toEqualTypeOf<ServerCode>();
});

test('a schema with other reasons than the engine generates nothing, and the error names them', () => {
  const values = Object.keys(authErrors).filter((reason) => reason !== 'CSRF_FAILED');
  const schema = buildSchema(`enum AuthErrorReason { ${values.join(' ')} TOKEN_LOST }`);
  expect(() => plugin(schema)).toThrow(
    "AuthErrorReason of the schema lacks [CSRF_FAILED] of the engine's reasons, and has [TOKEN_LOST] besides.",
  );
});
