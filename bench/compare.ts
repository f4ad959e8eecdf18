import { type Later, withCleanUp } from './cleanUp.ts';
import type { Load, LoadResult } from './load.ts';

/** Something to measure on servers that do it side by side. */
export interface Benchmark {
  /** What is measured, in Markdown. */
  readonly title: string;
  /** Starts the servers, and leaves to `later` what stops them. The first is the one the others are compared with. */
  start(later: Later): Promise<readonly [Contestant, ...Contestant[]]>;
}

export interface Contestant {
  readonly name: string;
  readonly load: Load;
}

export interface Comparison {
  readonly title: string;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly standings: readonly Standing[];
}

export interface Standing {
  readonly name: string;
  /** Requests per second, divided by those of the first contestant in the same round. */
  readonly ratios: readonly number[];
  readonly requestsPerSecond: readonly number[];
  /** Of the server, for each request of a round; empty where that cannot be known. */
  readonly processorMicroseconds: readonly number[];
  /** Of the requests of all rounds together. */
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
}

const rounds = 7;
const secondsPerRound = 3;
const warmUpSeconds = 4;

/** Measures all contestants in turn, a few times over, so that what else the machine does hits all of them. */
export async function compare({ title, start }: Benchmark): Promise<Comparison> {
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
    const yardstick = results.get(contestants[0]) ?? [];
    const standings = [...results].map(([{ name }, own]) => toStanding(name, own, yardstick));
    return { title, rounds, secondsPerRound, standings };
  });
}

function toStanding(
  name: string,
  results: readonly LoadResult[],
  yardstick: readonly LoadResult[],
): Standing {
  const requestsPerSecond = results.map((result) => result.requestsPerSecond);
  const milliseconds = results.flatMap((result) => result.milliseconds).sort((a, b) => a - b);
  return {
    name,
    requestsPerSecond,
    processorMicroseconds: results.flatMap((result) => result.processorMicroseconds ?? []),
    ratios: requestsPerSecond.map(
      (own, round) => own / (yardstick[round]?.requestsPerSecond ?? Number.NaN),
    ),
    p50Milliseconds: percentile(milliseconds, 0.5),
    p99Milliseconds: percentile(milliseconds, 0.99),
  };
}

/** The smallest of the values, which are in order, that is not below the given share of them. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
