import { setImmediate } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';

// The messages that take time: Query, Parse, Bind, which plans, and Execute (PostgreSQL, "Message Formats").
const longSteps = new Set(['Q', 'P', 'B', 'E'].map((type) => type.charCodeAt(0)));

const goingStepByStep = new WeakSet<PGlite>();

/**
 * Has the embedded database take one step of one statement in each turn of the event loop. It works on the thread of
 * the server, and its answers are there at once: without a pause, all statements of a transaction would be one wait for
 * everybody else.
 */
export function stepByStep(client: PGlite): void {
  if (goingStepByStep.has(client)) return;
  goingStepByStep.add(client);
  const send = client.execProtocolStream.bind(client);
  let turn: Promise<void> | null = null;
  client.execProtocolStream = async (message, options) => {
    if (longSteps.has(message[0] as number)) {
      while (turn) await turn;
      turn = setImmediate().then(() => {
        turn = null;
      });
    }
    return await send(message, options);
  };
}
