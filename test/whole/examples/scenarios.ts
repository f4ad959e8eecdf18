import { refusals } from '../../support/refusals.ts';
import type { Caller } from './callers.ts';

export type Refusal = keyof typeof refusals;

const badTokens = {
  malformed: 'invalid',
  garbage: 'invalid',
  expired: 'expired',
  revoked: 'revoked',
  deleted: 'userNotFound',
  disabled: 'userInactive',
} as const satisfies Partial<Record<Caller, Refusal>>;

const noUser = {
  anonymous: 'missing',
  'of another scheme': 'missing',
  ...badTokens,
} as const satisfies Partial<Record<Caller, Refusal>>;

export interface Scenario {
  readonly directive: string;
  /** What is sent before it by a fresh administrator. */
  readonly before?: string;
  readonly operation: string;
  /** Who is refused, and for what reason; everyone else gets an answer. */
  readonly refused: Partial<Record<Caller, Refusal>>;
}

/** An operation of one field for each directive. */
export const scenarios: readonly Scenario[] = [
  { directive: '@public', operation: '{ serverTime }', refused: {} },
  { directive: '@optionalAuth', operation: '{ viewer { isAdmin } }', refused: badTokens },
  { directive: '@auth', operation: '{ me { isAdmin } }', refused: noUser },
  {
    directive: '@fresh',
    before: 'mutation { deleteItem(name: "table") }',
    operation: 'mutation { createItem(name: "table", price: 9) { price } }',
    refused: {
      ...noUser,
      user: 'freshRequired',
      stale: 'freshRequired',
      admin: 'freshRequired',
    },
  },
  {
    directive: '@admin',
    before: 'mutation { createItem(name: "table", price: 9) { price } }',
    operation: 'mutation { deleteItem(name: "table") }',
    refused: {
      ...noUser,
      user: 'adminRequired',
      fresh: 'adminRequired',
      stale: 'adminRequired',
    },
  },
];

/** How a refusal is said in HTTP: the status, and the value of `WWW-Authenticate` without the name of the server. */
export function challengeOf(refusal: Refusal): { status: number; challenge: string } {
  const { message } = refusals[refusal];
  const described = (error: string) => `Bearer realm, ${error}, error_description="${message}"`;
  switch (refusal) {
    case 'missing':
      return { status: 401, challenge: 'Bearer realm' };
    case 'freshRequired':
      return {
        status: 401,
        challenge: described('error="insufficient_user_authentication", max_age="300"'),
      };
    case 'adminRequired':
      return { status: 403, challenge: described('error="insufficient_scope"') };
    default:
      return { status: 401, challenge: described('error="invalid_token"') };
  }
}
