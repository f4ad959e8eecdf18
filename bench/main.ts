import { type Benchmark, compare } from './compare.ts';
import { gate } from './gate.ts';
import { type Findings, type Measured, toGoalTable } from './goals.ts';
import { growth } from './growth.ts';
import { guards } from './guards.ts';
import { me, meAlone, serverTime } from './me.ts';
import { stopPrograms } from './program.ts';
import { refreshes } from './refreshes.ts';
import { describeMachine } from './report.ts';
import { signIns } from './signIns.ts';
import { starts } from './starts.ts';

// A new benchmark is one file and one line here. Nothing asserts a time: machines differ, the ratios are to be read.
const benchmarks: ReadonlyMap<string, () => Promise<readonly Findings[]>> = new Map([
  ['me', () => measure(me)],
  ['me-alone', () => measure(meAlone)],
  ['server-time', () => measure(serverTime)],
  ['refreshes', async () => await measure(...(await refreshes()))],
  ['sign-ins', () => measure(signIns)],
  ['guards', async () => [await guards()]],
  ['gate', async () => [await gate()]],
  ['starts', async () => [await starts()]],
]);

// These fill a database first, and are measured where they are asked for.
const large: typeof benchmarks = new Map([['growth', () => measure(...growth())]]);

const known = new Map([...benchmarks, ...large]);
const chosen = process.argv.length > 2 ? process.argv.slice(2) : [...benchmarks.keys()];
const unknown = chosen.find((name) => !known.has(name));
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}, only ${[...known.keys()].join(', ')}.`);
  process.exit(1);
}

// Without its programs, a measurement fails, and what follows cleans up as after any other failure.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stopPrograms);

console.log(describeMachine());
const measured: Measured[] = [];
for (const name of chosen) {
  for (const findings of (await known.get(name)?.()) ?? []) {
    console.log(findings.markdown);
    measured.push(...findings.measured);
  }
}
console.log(toGoalTable(measured));

async function measure(...comparisons: readonly Benchmark[]): Promise<Findings[]> {
  const findings: Findings[] = [];
  for (const comparison of comparisons) findings.push(await compare(comparison));
  return findings;
}
