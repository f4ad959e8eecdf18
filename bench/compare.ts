import { type Later, withCleanUp } from './cleanUp.ts';
import { type Cores, useCores } from './cores.ts';
import { percentile } from './figures.ts';
import type { Findings, Goal } from './goals.ts';
import type { Load, LoadResult } from './load.ts';
import { toMarkdown } from './report.ts';
import { ratios, type Standing } from './standing.ts';

/** Something to measure on servers that do it side by side. */
export interface Benchmark {
  /** What is measured, in Markdown. */
  readonly title: string;
  /** Who runs where: `apart` unless it says otherwise. */
  readonly cores?: Cores;
  /** Starts the servers, and leaves to `later` what stops them. The first is the one the others are compared with. */
  start(later: Later): Promise<readonly Contestant[]>;
  readonly goals?: readonly ComparedGoal[];
}

/** What one contestant is to reach of another one's figure in the same round. */
export interface ComparedGoal extends Goal {
  readonly of: string;
  readonly to: string;
  /** Requests per second unless it says otherwise. */
  readonly by?: 'p50';
}

export interface Contestant {
  readonly name: string;
  readonly load: Load;
}

const rounds = 7;
const secondsPerRound = 3;
const warmUpSeconds = 4;

/** Measures all contestants in turn, a few times over, so that what else the machine does hits all of them. */
export async function compare({ title, cores, start, goals = [] }: Benchmark): Promise<Findings> {
  useCores(cores ?? 'apart');
  return await withCleanUp(async (later) => {
    const contestants = await start(later);
    for (const { load } of contestants) await load(warmUpSeconds);

    const results = new Map<Contestant, LoadResult[]>(contestants.map((each) => [each, []]));
    for (let round = 0; round < rounds; round++) {
      // Each second round runs backwards: nobody always follows the same neighbour.
      for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
        results.get(contestant)?.push(await contestant.load(secondsPerRound));
      }
    }
    const standings = [...results].map(([{ name }, own]) => ({ name, results: own }));
    return {
      markdown: toMarkdown({ title, rounds, secondsPerRound, standings }),
      measured: goals.flatMap((goal) => toMeasured(goal, standings)),
    };
  });
}

function toMeasured({ of, to, by, ...goal }: ComparedGoal, standings: readonly Standing[]) {
  const [own, yardstick] = [of, to].map((wanted) => standings.find(({ name }) => name === wanted));
  // One of them does not run here: there is no Postgres, or no other library.
  if (!own || !yardstick) return [];
  return [
    { ...goal, values: by === 'p50' ? ratios(own, yardstick, toP50) : ratios(own, yardstick) },
  ];
}

function toP50({ milliseconds }: LoadResult): number {
  return percentile(
    milliseconds.toSorted((a, b) => a - b),
    0.5,
  );
}
