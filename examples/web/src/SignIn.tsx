import { type AuthErrorReason, SessionError } from '@sallyport/client';
import { type SubmitEvent, useState } from 'react';
import { session } from './session.ts';

const endings: Partial<Record<AuthErrorReason, string>> = {
  TOKEN_REUSED:
    'Somebody else may have used your session, so it was ended. Sign in, and look at your devices.',
  USER_INACTIVE: 'This account is disabled.',
};

/** Signs in, or makes an account. */
export function SignIn({ endReason }: { endReason: AuthErrorReason | null }) {
  const [isNew, setIsNew] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [username, password] = [String(form.get('username')), String(form.get('password'))];
    setIsBusy(true);
    try {
      await (isNew
        ? session.register({ username, password })
        : session.signIn({ username, password }));
    } catch (error) {
      const isRefusal = error instanceof SessionError;
      setProblem(isRefusal ? error.message : 'The server cannot be reached.');
      setIsBusy(false);
    }
  }

  const ending = endReason && (endings[endReason] ?? 'Your session has ended.');
  return (
    <section aria-labelledby="sign-in">
      <h2 id="sign-in">{isNew ? 'Make an account' : 'Sign in'}</h2>
      {ending && <p role="status">{ending}</p>}
      <form onSubmit={submit}>
        <label>
          Username
          <input name="username" autoComplete="username" autoCapitalize="none" required />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autoComplete={isNew ? 'new-password' : 'current-password'}
            required
          />
        </label>
        {problem && <p role="alert">{problem}</p>}
        <div className="actions">
          <button type="submit" disabled={isBusy}>
            {isNew ? 'Make it' : 'Sign in'}
          </button>
          <button type="button" className="quiet" onClick={() => setIsNew(!isNew)}>
            {isNew ? 'I have an account' : 'I am new here'}
          </button>
        </div>
      </form>
    </section>
  );
}
