import { type Benchmark, compare } from './compare.ts';
import { guards } from './guards.ts';
import { me } from './me.ts';
import { stopPrograms } from './program.ts';
import { refreshes } from './refreshes.ts';
import { describeMachine, toMarkdown } from './report.ts';
import { signIns } from './signIns.ts';

// A new benchmark is one file and one line here. Nothing asserts a time: machines differ, the ratios are to be read.
const benchmarks: ReadonlyMap<string, () => Promise<string>> = new Map([
  ['me', () => measure(me)],
  ['sign-ins', () => measure(signIns)],
  ['refreshes', async () => await measure(...(await refreshes()))],
  ['guards', guards],
]);

const chosen = process.argv.length > 2 ? process.argv.slice(2) : [...benchmarks.keys()];
const unknown = chosen.find((name) => !benchmarks.has(name));
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}, only ${[...benchmarks.keys()].join(', ')}.`);
  process.exit(1);
}

// Without its programs, a measurement fails, and what follows cleans up as after any other failure.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stopPrograms);

console.log(describeMachine());
for (const name of chosen) console.log(await benchmarks.get(name)?.());

async function measure(...comparisons: readonly Benchmark[]): Promise<string> {
  const tables: string[] = [];
  for (const comparison of comparisons) tables.push(toMarkdown(await compare(comparison)));
  return tables.join('\n');
}
