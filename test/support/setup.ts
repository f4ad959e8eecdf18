import fc from 'fast-check';

// A property that fails says its seed. `TEST_SEED=<seed> npx vitest run <file>` tries the same values again.
const seed = process.env['TEST_SEED'];
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

// Embedded databases set alarms by the clock of the process, which some tests move by years. Node takes a time that is
// too long for one millisecond, and the alarm would ring, and be set again, a thousand times a second.
const longest = 2 ** 31 - 1;
const { setTimeout: setShortTimeout } = globalThis;
globalThis.setTimeout = Object.assign(
  (...[work, milliseconds = 0, ...rest]: Parameters<typeof setShortTimeout>) =>
    setShortTimeout(work, Math.min(Number(milliseconds), longest), ...rest),
  setShortTimeout,
) as typeof setShortTimeout;
