import type { PasswordQuestion } from '@sallyport/client';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import { askPasswordWith } from './session.ts';

interface OpenQuestion extends PasswordQuestion {
  answer(password: string | null): void;
}

/** Asks for the password when an operation needs it, and again when it was wrong. */
export function PasswordDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [question, setQuestion] = useState<OpenQuestion | null>(null);

  useEffect(() => {
    askPasswordWith((asked) => new Promise((answer) => setQuestion({ ...asked, answer })));
  }, []);
  useEffect(() => {
    if (question) dialog.current?.showModal();
    else dialog.current?.close();
  }, [question]);

  function answer(password: string | null) {
    question?.answer(password);
    setQuestion(null);
  }

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    answer(String(new FormData(event.currentTarget).get('password')));
    event.currentTarget.reset();
  }

  return (
    <dialog ref={dialog} aria-labelledby="question" onCancel={() => answer(null)}>
      <h2 id="question">Enter your password again</h2>
      <p>This changes something, so it has to be you.</p>
      <form onSubmit={submit}>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {question?.error && <p role="alert">{question.error.message}</p>}
        <div className="actions">
          <button type="submit">Go on</button>
          <button type="button" className="quiet" onClick={() => answer(null)}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  );
}
