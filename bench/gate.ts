import { useCores } from './cores.ts';
import { median } from './figures.ts';
import type { Round } from './gate/round.ts';
import type { Findings, Goal } from './goals.ts';
import { inTypeScript, runProgram } from './program.ts';

const rounds = 5;

const goals: readonly (Goal & { readonly figure: keyof Round })[] = [
  goal('objects', '1,000 items whose type and 5 fields all have `@owner` / unguarded', 1.05),
  goal('refused', 'a list of 5,000 refused fields / the same answered', 3),
  goal('describe', 'what an operation of 4.4 kB asks, over 600 types', 0.05, 's'),
  goal('map', 'the map of 18 scopes over 20 types', 1, 's'),
  goal('proof', 'the proof of 100 types with connections', 10, 's'),
];

/** What the gate costs besides its guards, in processor time. */
export async function gate(): Promise<Findings> {
  useCores('apart');
  const results: Round[] = [];
  while (results.length < rounds) {
    results.push(JSON.parse(await runProgram(inTypeScript('bench/gate/round.ts'))));
  }
  const measured = goals.map(({ figure, ...one }) => ({
    ...one,
    values: results.map((round) => round[figure]),
  }));
  const rows = measured.map(({ work, values, unit = '' }) => {
    const print = (value: number) => `${value.toFixed(3)} ${unit}`.trim();
    return `| ${work} | ${print(median(values))} (${print(Math.min(...values))} to ${print(Math.max(...values))}) |`;
  });
  const markdown = `### Cost of the gate, by processor time

Medians of ${rounds} rounds (lowest to highest), each in a new process.

| | |
| --- | --- |
${rows.join('\n')}
`;
  return { markdown, measured };
}

function goal(figure: keyof Round, work: string, most: number, unit?: 's') {
  return { figure, work, bound: 'at most', goal: most, ...(unit && { unit }) } as const;
}
