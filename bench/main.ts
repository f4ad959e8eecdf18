import { compare } from './compare.ts';
import { me } from './me.ts';
import { refreshes } from './refreshes.ts';
import { describeMachine, toMarkdown } from './report.ts';
import { stopServers } from './server.ts';
import { signIns } from './signIns.ts';

// A new benchmark is one file and one line here. Nothing asserts a time: machines differ, the ratios are to be read.
const benchmarks = [me, signIns, ...(await refreshes())];

// Without its servers, a measurement fails, and what follows cleans up as after any other failure.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stopServers);

console.log(describeMachine());
for (const benchmark of benchmarks) console.log(toMarkdown(await compare(benchmark)));
