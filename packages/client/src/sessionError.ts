import type { AuthErrorReason } from './authErrorCodes.ts';

/** One error of an answer, as far as this package looks at it. */
export interface AnswerError {
  readonly message?: string;
  readonly extensions?: { readonly [name: string]: unknown };
}

/** An answer of GraphQL over HTTP. `data` is absent when nothing ran. */
export interface Answer {
  readonly data?: { readonly [name: string]: unknown } | null;
  readonly errors?: readonly AnswerError[];
}

/**
 * What a call of the session itself, such as `signIn`, was refused with. Switch on `reason` and `code`; the message is
 * the server's and for people.
 *
 * @example
 * const error = await session.signIn({ username: 'ada', password: 'wrong' }).catch((reason) => reason);
 * console.log(error instanceof SessionError, error.code); // true BAD_USER_INPUT
 */
export class SessionError extends Error {
  declare readonly name: 'SessionError';
  /** `extensions.code` of the server; null when the answer was no GraphQL. */
  declare readonly code: string | null;
  /** `extensions.reason` of the server; null when it had none. */
  declare readonly reason: AuthErrorReason | null;
  /** All of `extensions`: `retryAfter` in seconds, `argument`, `maxAge` in seconds. */
  declare readonly extensions: { readonly [name: string]: unknown };

  constructor({ message = '', extensions = {} }: AnswerError) {
    super(message);
    const { code = null, reason = null } = extensions;
    Object.assign(this, { name: 'SessionError', code, reason, extensions });
  }
}
