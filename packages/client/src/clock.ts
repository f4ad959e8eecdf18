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
