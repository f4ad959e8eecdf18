import type { PasswordQuestion, SessionError } from '@sallyport/client';

/** What lies before the person: questions that wait for an answer, and what the last operation was answered with. */
export interface DeskState {
  /** The first of those that wait. */
  readonly question: OpenQuestion | null;
  readonly answer: LastAnswer | null;
}

export interface OpenQuestion {
  readonly id: number;
  readonly username: string;
  readonly operationName: string | null;
  readonly error: SessionError | null;
  readonly reply: (password: string | null) => void;
}

export interface LastAnswer {
  readonly accountId: string;
  readonly errors: readonly AnsweredError[];
}

export interface AnsweredError {
  readonly message: string;
  readonly extensions?: { readonly [name: string]: unknown } | null;
}

export type Desk = ReturnType<typeof createDesk>;

export function createDesk() {
  const listeners = new Set<() => void>();
  let waiting: readonly OpenQuestion[] = [];
  let asked = 0;
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
        const { operationName, error } = question;
        const next = { id: ++asked, username, operationName, error, reply };
        function reply(password: string | null): void {
          waiting = waiting.filter((one) => one !== next);
          show({ question: waiting[0] ?? null });
          resolve(password);
        }
        waiting = [...waiting, next];
        show({ question: waiting[0] ?? null });
      });
    },
    keepAnswer: (answer: LastAnswer | null) => show({ answer }),
  };
}
