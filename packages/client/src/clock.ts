/** Time as the session sees it. Tests bring their own. */
export interface Clock {
  /** Milliseconds, counted from anywhere. Tabs that share a storage count from the same moment. */
  now(): number;
  /** Calls `ring` after some milliseconds, unless the function that it returns is called first. */
  setAlarm(milliseconds: number, ring: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setAlarm(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Aborts after some milliseconds, unless the function beside it is called first. */
export function signalAfter(clock: Clock, milliseconds: number): [AbortSignal, () => void] {
  const patience = new AbortController();
  return [patience.signal, clock.setAlarm(milliseconds, () => patience.abort())];
}
