import type { PasswordQuestion, SessionError } from '@sallyport/client';

/** What lies before the person: a question that waits for an answer, and what the last operation was answered with. */
export interface DeskState {
  readonly question: OpenQuestion | null;
  readonly answer: LastAnswer | null;
}

export interface OpenQuestion {
  readonly username: string;
  readonly operationName: string | null;
  readonly maxAgeSeconds: number | null;
  readonly error: SessionError | null;
  readonly reply: (password: string | null) => void;
}

export interface LastAnswer {
  readonly accountName: string;
  readonly errors: readonly { readonly extensions?: { readonly [name: string]: unknown } }[];
}

export type Desk = ReturnType<typeof createDesk>;

export function createDesk() {
  const listeners = new Set<() => void>();
  let state: DeskState = { question: null, answer: null };
  const show = (change: Partial<DeskState>) => {
    state = { ...state, ...change };
    for (const listener of [...listeners]) listener();
  };
  return {
    get state() {
      return state;
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Asks the person for the password of an account, in a dialog. */
    askPassword(username: string, question: PasswordQuestion): Promise<string | null> {
      return new Promise((resolve) => {
        const { operationName, maxAge, error } = question;
        const reply = (password: string | null) => {
          show({ question: null });
          resolve(password);
        };
        show({ question: { username, operationName, maxAgeSeconds: maxAge, error, reply } });
      });
    },
    keepAnswer: (answer: LastAnswer | null) => show({ answer }),
  };
}
