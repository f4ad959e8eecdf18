import type { Locks } from '../../src/host.ts';
import { createGate } from './service.ts';

/** Locks as a browser has them: one holder at a time, and whoever waits may give up. */
export function browserLocks(): Locks {
  let last = Promise.resolve<unknown>(undefined);
  return {
    async request(_name, { signal }, work) {
      const before = last;
      const { gate, open: release } = createGate();
      last = before.then(() => gate);
      const givenUp = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      try {
        await Promise.race([before, givenUp]);
        return await work();
      } finally {
        release();
      }
    },
  };
}
