import type { Account } from '../accounts/accounts.ts';
import { adviceFor } from '../notices/adviceFor.ts';
import { usePage, useSessionState } from '../usePage.ts';
import { SignInForm } from './SignInForm.tsx';

/** An account whose session the server has ended. */
export function EndedSession({ account }: { account: Account }) {
  const { accounts } = usePage();
  const state = useSessionState(account);
  const reason = state?.status === 'signedOut' ? state.endReason : null;
  const [advice] = adviceFor([{ extensions: { reason } }]);
  return (
    <>
      <h2>{account.name}: the session has ended</h2>
      <p>
        {reason && <code>{reason}</code>} {advice?.meaning} Nothing is sent as {account.name} until
        you sign in again.
      </p>
      <SignInForm key={account.id} username={account.name} />
      <div className="buttons">
        <button type="button" onClick={() => void accounts.signOut(account).catch(() => {})}>
          Take it from the list
        </button>
      </div>
    </>
  );
}
