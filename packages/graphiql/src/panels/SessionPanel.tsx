import { useAction } from '../useAction.ts';
import { useAccounts } from '../usePage.ts';
import { CurrentSession } from './CurrentSession.tsx';
import { EndedSession } from './EndedSession.tsx';
import { ErrorText } from './ErrorText.tsx';
import { SignInForm } from './SignInForm.tsx';

/** Who operations are sent as, how long that holds, and how to become somebody else. */
export function SessionPanel() {
  const { accounts, current } = useAccounts();
  const { run, isRunning, error } = useAction();
  if (current.session) {
    const isOver = current.session.state.status === 'signedOut';
    return (
      <section className="panel" aria-label="Session">
        {isOver ? (
          <EndedSession account={current} />
        ) : (
          <CurrentSession account={current} action={{ run, isRunning }} />
        )}
        <ErrorText error={error} />
      </section>
    );
  }
  const isFirst = accounts.length === 1;
  return (
    <section className="panel" aria-label="Session">
      <h2>{isFirst ? 'Nobody is signed in' : 'Anonymous'}</h2>
      <p>
        {isFirst
          ? 'Operations are sent without a token now. Make an account, and they are sent as yours: try the tabs above the editor before and after.'
          : 'Operations are sent without a token. Choose another account at the top, or add one here: they stay side by side.'}
      </p>
      <ErrorText error={error} />
      <SignInForm username="" />
      <p className="small">
        Passwords and tokens stay in the memory of this page alone. When you close or reload it, you
        are signed out.
      </p>
    </section>
  );
}
