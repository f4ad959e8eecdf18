import { cpus } from 'node:os';
import type { Comparison, Standing } from './compare.ts';

/** What the figures depend on besides the code. */
export function describeMachine(): string {
  const processors = cpus();
  return `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model.trim()}\n`;
}

/** A table, a server a row. */
export function toMarkdown({ title, rounds, secondsPerRound, standings }: Comparison): string {
  return `### ${title}

Medians of ${rounds} rounds of ${secondsPerRound} s each, in turn; a ratio is to the first of them in the same round.

| | ratio (lowest to highest) | requests per second | processor time of a request | p50 | p99 |
| --- | --- | --- | --- | --- | --- |
${standings.map(toRow).join('\n')}

${standings.slice(1).map(toRounds).join('\n')}
`;
}

function toRow({
  name,
  ratios,
  requestsPerSecond,
  processorMicroseconds,
  p50Milliseconds,
  p99Milliseconds,
}: Standing): string {
  const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  const cells = [
    name,
    ratio,
    median(requestsPerSecond).toFixed(0),
    processorMicroseconds.length === 0 ? '' : `${median(processorMicroseconds).toFixed(0)} µs`,
    `${p50Milliseconds.toFixed(2)} ms`,
    `${p99Milliseconds.toFixed(2)} ms`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function toRounds({ name, ratios }: Standing): string {
  return `${name}, ratio of each round: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`;
}

/** The middle of the values; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (
    ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
  );
}
