import { useGraphiQLActions } from '@graphiql/react';
import { ErrorText } from '../panels/ErrorText.tsx';
import { useAction } from '../useAction.ts';
import { useAccounts, usePage } from '../usePage.ts';
import type { Advice, Remedy } from './adviceFor.ts';
import { confirmPassword } from './confirmPassword.ts';

const labels: Readonly<Record<Remedy, string>> = {
  'sign in': 'Sign in',
  refresh: 'Refresh the token',
  'confirm the password': 'Confirm the password',
};

/** What an error means, and a button that does something about it. */
export function Notice({
  advice: { reason, meaning, remedy },
  onHelped = () => {},
}: {
  advice: Advice;
  onHelped?: () => void;
}) {
  const { accounts, desk } = usePage();
  const { current } = useAccounts();
  const { setVisiblePlugin } = useGraphiQLActions();
  const { run, isRunning, error } = useAction();

  async function help(): Promise<void> {
    if (remedy === 'sign in' || !current.session) {
      accounts.switchTo('anonymous');
      setVisiblePlugin('Session');
      return;
    }
    if (remedy === 'refresh') await current.session.refresh();
    else if (!(await confirmPassword(current, desk))) return;
    onHelped();
  }

  return (
    <div className="notice">
      <div>
        <code>{reason}</code> <span>{meaning}</span>
        <ErrorText error={error} />
      </div>
      {remedy && (
        <button type="button" disabled={isRunning} onClick={() => void run(help)}>
          {labels[remedy]}
        </button>
      )}
    </div>
  );
}
