import { median } from './figures.ts';

/** What a benchmark found, in Markdown, and how it stands to its goals. */
export interface Findings {
  readonly markdown: string;
  readonly measured: readonly Measured[];
}

/** What is to be reached, and what each round reached of it. */
export interface Measured extends Goal {
  readonly values: readonly number[];
}

export interface Goal {
  /** What is measured, and against what. */
  readonly work: string;
  readonly bound: 'at least' | 'at most';
  readonly goal: number;
  /** Of the values; none where they are ratios. */
  readonly unit?: 'MB' | 's';
}

/** All goals in one table: which are met, and by how much. What is not measured here has no line. */
export function toGoalTable(measured: readonly Measured[]): string {
  if (measured.length === 0) return '';
  return `### Goals

| | goal | measured (lowest to highest) | |
| --- | --- | --- | --- |
${measured.map(toRow).join('\n')}

What stands in the way of those that are missed is in docs/decisions/what-a-request-costs.md.
`;
}

function toRow({ work, bound, goal, unit, values }: Measured): string {
  const digits = unit === 'MB' ? 0 : 2;
  const print = (value: number) => `${value.toFixed(digits)} ${unit ?? ''}`.trim();
  const middle = median(values);
  const isMet = bound === 'at least' ? middle >= goal : middle <= goal;
  const distance = `${Math.abs((middle / goal - 1) * 100).toFixed(0)} %`;
  const range = `${print(middle)} (${print(Math.min(...values))} to ${print(Math.max(...values))})`;
  const sign = bound === 'at least' ? '≥' : '≤';
  const verdict = isMet ? `met, by ${distance}` : `**missed, by ${distance}**`;
  return `| ${[work, `${sign} ${print(goal)}`, range, verdict].join(' | ')} |`;
}
