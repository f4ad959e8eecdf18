import { createSession, type Fetch, type PasswordQuestion, type Session } from '@sallyport/client';

/** Somebody as whom operations are sent. */
export interface Account {
  readonly id: string;
  /** The username, or `anonymous`. */
  readonly name: string;
  /** Null for the anonymous account, which sends no token. */
  readonly session: Session | null;
  /** As the server said last. */
  readonly isAdmin: boolean;
}

export interface AccountsState {
  /** The anonymous one is always the first. */
  readonly accounts: readonly Account[];
  readonly current: Account;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type Accounts = ReturnType<typeof createAccounts>;

export const anonymousAccount: Account = {
  id: 'anonymous',
  name: 'anonymous',
  session: null,
  isAdmin: false,
};

/**
 * Keeps several accounts side by side, each with a session of its own. Tokens are in memory alone: after a reload
 * nobody is signed in.
 */
export function createAccounts({
  url,
  askPassword,
  fetch = fetchWithHeaders,
}: {
  url: string;
  askPassword: (username: string, question: PasswordQuestion) => Promise<string | null>;
  fetch?: Fetch;
}) {
  const listeners = new Set<() => void>();
  let made = 0;
  let state: AccountsState = { accounts: [anonymousAccount], current: anonymousAccount };

  function show(accounts: readonly Account[], currentId: string): void {
    const current = accounts.find(({ id }) => id === currentId) ?? anonymousAccount;
    state = { accounts, current };
    for (const listener of [...listeners]) listener();
  }

  function change(account: Account): void {
    const accounts = state.accounts.map((one) => (one.id === account.id ? account : one));
    show(accounts, state.current.id);
  }

  async function enter(
    { username, password }: Credentials,
    open: (session: Session, credentials: Credentials) => Promise<void>,
  ): Promise<void> {
    const name = username.trim().toLowerCase();
    const known = state.accounts.find((one) => one.session && one.name === name);
    const session =
      known?.session ??
      createSession({ url, fetch, askPassword: (question) => askPassword(name, question) });
    await open(session, { username: name, password });
    const account = { id: known?.id ?? String(++made), name, session, isAdmin: false };
    if (!known) {
      session.subscribe(() => {
        show(state.accounts, state.current.id);
        void learnRights(account.id);
      });
    }
    show([...state.accounts.filter(({ id }) => id !== account.id), account], account.id);
    await learnRights(account.id);
  }

  /** Asks anew whether an account is an administrator: at sign-in, and whenever its token or the choice changes. */
  async function learnRights(id: string): Promise<void> {
    const { session } = state.accounts.find((one) => one.id === id) ?? {};
    if (session?.state.status !== 'signedIn') return;
    const isAdmin = await askIsAdmin(url, session).catch(() => null);
    const account = state.accounts.find((one) => one.id === id);
    if (account && isAdmin !== null && isAdmin !== account.isAdmin) change({ ...account, isAdmin });
  }

  return {
    url,
    get state() {
      return state;
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signIn: (credentials: Credentials) =>
      enter(credentials, (session, given) => session.signIn({ ...given, device: 'GraphiQL' })),
    register: (credentials: Credentials) =>
      enter(credentials, (session, given) => session.register(given)),
    switchTo(id: string): void {
      show(state.accounts, id);
      void learnRights(id);
    },
    /** Signs an account out, and takes it from the list, also when the server cannot be told: then it fails. */
    async signOut(account: Account): Promise<void> {
      show(
        state.accounts.filter(({ id }) => id !== account.id),
        anonymousAccount.id,
      );
      await account.session?.signOut().catch((cause) => {
        const what = `${account.name} is signed out here, but the server could not be told: its session goes on there.`;
        throw new Error(what, { cause });
      });
    },
    /** Sends an operation as an account. A person waits for it, so that queries ask for the password too. */
    send(account: Account, body: string, signal: AbortSignal | null = null): Promise<Response> {
      const init = {
        method: 'POST',
        headers: {
          accept: 'application/graphql-response+json, application/json;q=0.9',
          'content-type': 'application/json',
        },
        body,
        signal,
      };
      // A cookie of a page beside this one would say who sends it.
      if (!account.session) return fetch(url, { ...init, credentials: 'omit' });
      return account.session.fetch(url, { ...init, askPassword: true });
    },
  };
}

// The tokens of these accounts are never those of the cookies that a page beside this one may have.
const fetchWithHeaders: Fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('x-token-location', 'headers');
  return globalThis.fetch(input, { ...init, headers });
};

async function askIsAdmin(url: string, session: Session): Promise<boolean> {
  const response = await session.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ me { isAdmin } }' }),
  });
  const { data } = (await response.json()) as { data?: { me?: { isAdmin?: boolean } | null } };
  return data?.me?.isAdmin ?? false;
}
