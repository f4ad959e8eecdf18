import type { Keeper } from './keeper.ts';
import type { Pair } from './pair.ts';
import { SessionError } from './sessionError.ts';

/** What a person is asked for their password for. */
export interface PasswordQuestion {
  /** How many seconds ago the password may have been checked. */
  readonly maxAge: number | null;
  /** The operation that waits: the first, when several do. */
  readonly operationName: string | null;
  /** What the last password was refused with; null at first. */
  readonly error: SessionError | null;
}

/** Asks the person for their password: null when they do not want to. */
export type AskPassword = (question: PasswordQuestion) => string | null | Promise<string | null>;

/** Asks for the password, and returns the pair that holds afterwards; null when nothing came of it. */
export type StepUp = (pair: Pair, about: Omit<PasswordQuestion, 'error'>) => Promise<Pair | null>;

/**
 * Makes the one question of a tab: all operations that need a fresh token wait for the same answer. Null when the
 * person does not want to, or is another one by the time they answer.
 */
export function createStepUp(
  keeper: Keeper,
  askPassword: AskPassword,
  freshen: (password: string) => Promise<void>,
): StepUp {
  const open = new Map<string, Promise<Pair | null>>();

  async function question(userId: string, about: Omit<PasswordQuestion, 'error'>) {
    for (let error: SessionError | null = null; ; ) {
      const password = await askPassword({ ...about, error });
      // A password is for its own user's session alone.
      if (password === null || (await keeper.read())?.userId !== userId) return null;
      try {
        await freshen(password);
        return keeper.pair;
      } catch (refusal) {
        if (keeper.pair?.userId !== userId) return null;
        if (!(refusal instanceof SessionError)) throw refusal;
        error = refusal;
      }
    }
  }

  return ({ userId }, about) => {
    const waiting =
      open.get(userId) ?? question(userId, about).finally(() => void open.delete(userId));
    open.set(userId, waiting);
    return waiting;
  };
}
