import type { Account } from '../accounts/accounts.ts';
import type { useAction } from '../useAction.ts';
import { usePage, useSessionState } from '../usePage.ts';
import { Claims } from './Claims.tsx';
import { ConfirmPassword } from './ConfirmPassword.tsx';
import { TokenBars } from './TokenBars.tsx';

/** The session of an account that is signed in. What a button fails with is shown by who is there when it does. */
export function CurrentSession({
  account,
  action: { run, isRunning },
}: {
  account: Account;
  action: Pick<ReturnType<typeof useAction>, 'run' | 'isRunning'>;
}) {
  const { accounts } = usePage();
  useSessionState(account);
  const { session } = account;
  if (!session) return null;
  return (
    <>
      <h2>
        {account.name}
        <span className="badge">{account.isAdmin ? 'administrator' : 'user'}</span>
      </h2>
      <TokenBars session={session} />
      <div className="buttons">
        <button
          type="button"
          disabled={isRunning}
          onClick={() => void run(() => session.refresh())}
        >
          Refresh the token
        </button>
        <button
          type="button"
          disabled={isRunning}
          onClick={() => void run(() => accounts.signOut(account))}
        >
          Sign out
        </button>
      </div>
      <ConfirmPassword key={account.id} account={account} />
      <Claims session={session} />
      <p className="small">
        To see what somebody else may reach, add a second account: choose “+ Account” at the top.
      </p>
    </>
  );
}
