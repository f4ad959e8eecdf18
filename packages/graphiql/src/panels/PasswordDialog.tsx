import { type FormEvent, useEffect, useId, useRef } from 'react';
import type { OpenQuestion } from '../desk.ts';
import { useDesk } from '../usePage.ts';
import { ErrorText } from './ErrorText.tsx';

/** Asks for the password of an account when an operation needs a fresh token; the operation waits for the answer. */
export function PasswordDialog() {
  const { question } = useDesk();
  // What was typed for one is not for the next.
  return question && <QuestionDialog key={question.id} question={question} />;
}

function QuestionDialog({ question }: { question: OpenQuestion }) {
  const { username, operationName, error, reply } = question;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    reply(String(new FormData(event.currentTarget).get('password')));
  }
  return (
    <dialog ref={dialog} className="question" aria-labelledby={id} onClose={() => reply(null)}>
      <form onSubmit={submit}>
        <h2 id={id}>Confirm the password of {username}</h2>
        <p>
          {operationName ? <code>{operationName}</code> : 'This operation'} asks for a password
          check that is more recent than the last one. It is sent again when you have confirmed.
        </p>
        <input type="hidden" name="username" autoComplete="username" defaultValue={username} />
        <label htmlFor={`${id}password`}>Password</label>
        <input
          id={`${id}password`}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        <ErrorText error={error} />
        <div className="buttons">
          <button type="submit" className="main">
            Confirm and go on
          </button>
          <button type="button" onClick={() => reply(null)}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  );
}
