import fc from 'fast-check';

// A property that fails says its seed. `TEST_SEED=<seed> npx vitest run <file>` tries the same values again.
const seed = process.env['TEST_SEED'];
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
