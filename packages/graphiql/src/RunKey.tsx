import { useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

/** Runs the operation on Ctrl+Enter wherever the focus is. The editors do so by themselves. */
export function RunKey() {
  const { run } = useGraphiQLActions();
  useEffect(() => {
    const runByKey = (event: KeyboardEvent) => {
      const isRun = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!isRun || event.defaultPrevented || isElsewhere(event.target)) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', runByKey);
    return () => document.removeEventListener('keydown', runByKey);
  }, [run]);
  return null;
}

// An editor has run it already, and a form or a dialog has a button of its own.
function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.monaco-editor, form, dialog') !== null;
}
