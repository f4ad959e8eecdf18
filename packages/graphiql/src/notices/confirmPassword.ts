import { SessionError } from '@sallyport/client';
import type { Account } from '../accounts/accounts.ts';
import type { Desk } from '../desk.ts';

/** Asks for the password of an account until it is right. False when the person does not want to. */
export async function confirmPassword({ name, session }: Account, desk: Desk): Promise<boolean> {
  for (let error: SessionError | null = null; ; ) {
    const password = await desk.askPassword(name, { operationName: null, maxAge: null, error });
    if (password === null || !session) return false;
    try {
      await session.freshen(password);
      return true;
    } catch (problem) {
      if (!(problem instanceof SessionError)) throw problem;
      error = problem;
    }
  }
}
