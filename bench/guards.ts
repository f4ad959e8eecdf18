import { useCores } from './cores.ts';
import { median } from './figures.ts';
import type { Findings } from './goals.ts';
import { type Contestant, findPeers } from './guards/peers.ts';
import type { Round } from './guards/round.ts';
import { inTypeScript, runProgram } from './program.ts';

const rounds = 15;

/** What the guards cost where they are many: each field of a long list. */
export async function guards(): Promise<Findings> {
  useCores('apart');
  const own = { name: 'Sallyport', module: './sallyport.ts' };
  const contestants = [own, ...(await findPeers())];
  const results = new Map<Contestant, Round[]>(contestants.map((each) => [each, []]));
  for (let round = 0; round < rounds; round++) {
    // Each second round runs backwards: nobody always follows the same neighbour.
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const output = await runProgram(inTypeScript('bench/guards/round.ts', contestant.module));
      results.get(contestant)?.push(JSON.parse(output));
    }
  }
  const goal = {
    work: 'guards on every field / unguarded, by processor time',
    bound: 'at most',
    goal: 1.02,
  } as const;
  return {
    markdown: toTable([...results]),
    measured: [{ ...goal, values: (results.get(own) ?? []).map(toRatio) }],
  };
}

function toTable(results: readonly [Contestant, Round[]][]): string {
  return `### Cost of the guards: 1,000 items whose type and 5 fields all have \`@auth\`, for a caller who is signed in

Processor time of \`execute\`, as a ratio to graphql-js without guards, which takes turns with the guarded schema in the
same process. Medians of ${rounds} rounds, each in a new process, of 2 s a side. Each library is used as its documentation
has it, graphql-shield with a \`contextual\` cache, and refused every one of the fields to an anonymous caller first.
@graphql-authz/core and @envelop/generic-auth judge the operation before it runs, Sallyport and graphql-shield each field
when it is resolved.

| | ratio (lowest to highest) | an operation | without guards |
| --- | --- | --- | --- |
${results.map(toRow).join('\n')}

${results.map(toRounds).join('\n')}
`;
}

function toRow([{ name }, ofContestant]: readonly [Contestant, Round[]]): string {
  const ratios = ofContestant.map(toRatio);
  const milliseconds = (side: keyof Round) =>
    `${median(ofContestant.map((round) => round[side])).toFixed(2)} ms`;
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)];
  const ratio = `${median(ratios).toFixed(3)} (${lowest.toFixed(3)} to ${highest.toFixed(3)})`;
  return `| ${[name, ratio, milliseconds('guarded'), milliseconds('unguarded')].join(' | ')} |`;
}

function toRounds([{ name }, ofContestant]: readonly [Contestant, Round[]]): string {
  const ratios = ofContestant.map((round) => toRatio(round).toFixed(3));
  return `${name}, ratio of each round: ${ratios.join(', ')}`;
}

function toRatio({ guarded, unguarded }: Round): number {
  return guarded / unguarded;
}
