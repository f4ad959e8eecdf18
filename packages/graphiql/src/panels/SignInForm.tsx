import { type FormEvent, useId, useState } from 'react';
import { useAction } from '../useAction.ts';
import { usePage } from '../usePage.ts';
import { ErrorText } from './ErrorText.tsx';

/** Makes an account or signs in to one: the same two fields for both. */
export function SignInForm({ username }: { username: string }) {
  const { accounts } = usePage();
  const [isNew, setIsNew] = useState(username === '');
  const { run, isRunning, error, forget } = useAction();
  const id = useId();

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    const credentials = {
      username: String(values.get('username')),
      password: String(values.get('password')),
    };
    void run(async () => {
      await (isNew ? accounts.register(credentials) : accounts.signIn(credentials));
      form.reset();
    });
  }

  const choose = (value: boolean) => () => {
    setIsNew(value);
    forget();
  };
  return (
    <form onSubmit={submit} className="card">
      <fieldset className="choice" aria-label="What to do">
        <button type="button" aria-pressed={isNew} onClick={choose(true)}>
          New account
        </button>
        <button type="button" aria-pressed={!isNew} onClick={choose(false)}>
          Sign in
        </button>
      </fieldset>
      <label htmlFor={`${id}username`}>Username</label>
      <input
        id={`${id}username`}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={username}
        required
      />
      <label htmlFor={`${id}password`}>Password</label>
      <input
        id={`${id}password`}
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        aria-describedby={isNew ? `${id}hint` : undefined}
        required
      />
      {isNew && (
        <p className="small" id={`${id}hint`}>
          A few words in a row are good: at least 15 characters, unless the server asks for others.
        </p>
      )}
      <ErrorText error={error} />
      <button type="submit" className="main" disabled={isRunning}>
        {isNew ? 'Create account' : 'Sign in'}
      </button>
    </form>
  );
}
