import { PGlite } from '@electric-sql/pglite';
import { expect, test, vi } from 'vitest';
import { login, register } from '../support/account.ts';
import { startApp } from '../support/app.ts';

// Query, Parse, Bind and Execute.
const steps = new Set(['Q', 'P', 'B', 'E'].map((type) => type.charCodeAt(0)));

/** Counts the steps that the embedded database takes in each turn of the event loop, until it is stopped. */
function countByTurn() {
  const counts = [0];
  let next = setImmediate(count);
  function count() {
    if (counts.at(-1) !== 0) counts.push(0);
    next = setImmediate(count);
  }
  const run = PGlite.prototype.execProtocolRawSync;
  const send = vi.spyOn(PGlite.prototype, 'execProtocolRawSync');
  send.mockImplementation(function (this: PGlite, message) {
    if (steps.has(message[0] as number)) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    return run.call(this, message);
  });
  return {
    stop(): number[] {
      clearImmediate(next);
      send.mockRestore();
      return counts.filter((each) => each > 0);
    },
  };
}

test('the event loop turns between any two steps of the statements of a sign-in', async () => {
  const app = await startApp();
  const { username } = await register(app);
  const counting = countByTurn();
  await login(app, username);
  const counts = counting.stop();
  await app.close();
  expect(counts.length).toBeGreaterThan(6);
  expect(Math.max(...counts)).toBe(1);
});
