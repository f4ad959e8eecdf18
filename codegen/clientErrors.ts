import { authErrors } from '@sallyport/guards';
import { type GraphQLSchema, isEnumType } from 'graphql';

/**
 * A plugin for graphql-codegen that writes the reasons of refusals for clients: the engine's table, with the
 * descriptions of the schema.
 *
 * @throws TypeError when the table and the enum of the schema do not have the same reasons
 */
export function plugin(schema: GraphQLSchema): string {
  const type = schema.getType('AuthErrorReason');
  const descriptions = new Map(
    (isEnumType(type) ? type.getValues() : []).map(({ name, description }) => [name, description]),
  );
  const reasons = Object.keys(authErrors);
  const missing = reasons.filter((reason) => !descriptions.has(reason));
  const unknown = [...descriptions.keys()].filter((reason) => !reasons.includes(reason));
  if (missing.length > 0 || unknown.length > 0) {
    throw new TypeError(
      `AuthErrorReason of the schema lacks [${missing}] of the engine's reasons, and has [${unknown}] besides.`,
    );
  }
  const entries = Object.entries(authErrors).map(
    ([reason, [code]]) => `  /** ${descriptions.get(reason)} */\n  ${reason}: '${code}',\n`,
  );
  return `${head}${entries.join('')}${tail}`;
}

const head = `// Generated from the server's table of refusals, do not edit.

/** Each reason for which a server refuses a caller, with its code. */
export const authErrorCodes = {
`;

const tail = `} as const;

/** Every \`extensions.reason\` with which a server refuses a caller. */
export type AuthErrorReason = keyof typeof authErrorCodes;

/** Every \`extensions.code\` with which a server refuses a caller. */
export type AuthErrorCode = (typeof authErrorCodes)[AuthErrorReason];
`;
