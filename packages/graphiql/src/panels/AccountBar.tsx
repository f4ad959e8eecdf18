import { useGraphiQLActions } from '@graphiql/react';
import type { Account } from '../accounts/accounts.ts';
import { printSeconds, tokenTimes } from '../accounts/tokenTimes.ts';
import { useAccounts, useNow, usePage, useSessionState } from '../usePage.ts';

/** Who operations are sent as: one click changes it, and the documents stay. */
export function AccountBar() {
  const { accounts } = usePage();
  const { accounts: all, current } = useAccounts();
  const { setVisiblePlugin } = useGraphiQLActions();
  const add = () => {
    accounts.switchTo('anonymous');
    setVisiblePlugin('Session');
  };
  return (
    <header className="account-bar">
      <h1>
        <Gate /> Sallyport
      </h1>
      <fieldset className="accounts" aria-label="Send operations as">
        {all.map((account) => (
          <AccountChip key={account.id} account={account} isCurrent={account.id === current.id} />
        ))}
        <button type="button" className="chip add" onClick={add}>
          + Account
        </button>
      </fieldset>
    </header>
  );
}

function AccountChip({ account, isCurrent }: { account: Account; isCurrent: boolean }) {
  const { accounts } = usePage();
  useSessionState(account);
  return (
    <button
      type="button"
      className="chip"
      aria-pressed={isCurrent}
      onClick={() => accounts.switchTo(account.id)}
    >
      <span className={account.isAdmin ? 'face administrator' : 'face'} aria-hidden="true">
        {account.session ? account.name.charAt(0).toUpperCase() : '∅'}
      </span>
      <span className="name">{account.name}</span>
      {account.session && <Freshness account={account} />}
    </button>
  );
}

function Freshness({ account }: { account: Account }) {
  const { access } = usePage();
  const now = useNow();
  const times = account.session && tokenTimes(account.session, now);
  if (!times) return <span className="state">ended</span>;
  const freshSeconds = access?.freshSeconds ?? 0;
  const left = times.sinceConfirmed === null ? 0 : freshSeconds - times.sinceConfirmed;
  return left > 0 ? <span className="state fresh">fresh {printSeconds(left)}</span> : null;
}

function Gate() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" className="gate">
      <path
        d="M3 21V8l2-1V4h3v2l4-2 4 2V4h3v3l2 1v13h-6v-5a3 3 0 0 0-6 0v5z"
        fill="currentColor"
        fillRule="evenodd"
      />
    </svg>
  );
}
