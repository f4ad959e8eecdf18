import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { OpenedAccess } from './access/openAccess.ts';
import type { Account, Accounts } from './accounts/accounts.ts';
import type { Desk } from './desk.ts';

/** What every part of the page stands on. */
export interface Page {
  readonly accounts: Accounts;
  readonly desk: Desk;
  /** Null where the server does not show its schema. */
  readonly access: OpenedAccess | null;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new TypeError('There is no page around this.');
  return page;
}

/** The accounts, and the one that is chosen. */
export function useAccounts() {
  const { accounts } = usePage();
  return useSyncExternalStore(accounts.subscribe, () => accounts.state);
}

export function useDesk() {
  const { desk } = usePage();
  return useSyncExternalStore(desk.subscribe, () => desk.state);
}

export function useSessionState({ session }: Account) {
  return useSyncExternalStore(
    (listener) => session?.subscribe(listener) ?? (() => {}),
    () => session?.state ?? null,
  );
}

/** The time, every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
