import { useRef, useState } from 'react';

/** Runs what a button does, one at a time, and keeps what it failed with. */
export function useAction() {
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const running = useRef(false);
  async function run(action: () => Promise<void>): Promise<void> {
    if (running.current) return;
    running.current = true;
    setIsRunning(true);
    setError(null);
    try {
      await action();
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
    } finally {
      running.current = false;
      setIsRunning(false);
    }
  }
  return { run, isRunning, error, forget: () => setError(null) };
}
