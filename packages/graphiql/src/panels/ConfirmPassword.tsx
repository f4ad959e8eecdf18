import { type FormEvent, useId } from 'react';
import type { Account } from '../accounts/accounts.ts';
import { useAction } from '../useAction.ts';
import { ErrorText } from './ErrorText.tsx';

/** Makes the token of an account fresh again, before an operation asks for it. */
export function ConfirmPassword({ account }: { account: Account }) {
  const { run, isRunning, error } = useAction();
  const id = useId();
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const password = String(new FormData(form).get('password'));
    void run(async () => {
      await account.session?.freshen(password);
      form.reset();
    });
  }
  return (
    <form onSubmit={submit} className="row">
      <input type="hidden" name="username" autoComplete="username" defaultValue={account.name} />
      <label htmlFor={id}>Confirm the password</label>
      <input id={id} name="password" type="password" autoComplete="current-password" required />
      <button type="submit" disabled={isRunning}>
        Confirm
      </button>
      <ErrorText error={error} />
    </form>
  );
}
