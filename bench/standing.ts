import type { LoadResult } from './load.ts';

export interface Comparison {
  readonly title: string;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly standings: readonly Standing[];
}

/** A contestant, and what it did in each round. */
export interface Standing {
  readonly name: string;
  readonly results: readonly LoadResult[];
}

/** What one did in each round, requests per second unless it says otherwise, over what another did in it. */
export function ratios(
  own: Standing,
  yardstick: Standing,
  toFigure: (result: LoadResult) => number = ({ requestsPerSecond }) => requestsPerSecond,
): number[] {
  return own.results.map((result, round) => {
    const other = yardstick.results[round];
    return other ? toFigure(result) / toFigure(other) : Number.NaN;
  });
}
