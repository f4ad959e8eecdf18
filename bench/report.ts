import { cpus } from 'node:os';
import { describeCores } from './cores.ts';
import { median, percentile } from './figures.ts';
import { type Comparison, ratios, type Standing } from './standing.ts';

/** What the figures depend on besides the code. */
export function describeMachine(): string {
  const processors = cpus();
  return `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model.trim()}. ${describeCores()}\n`;
}

/** A table, a server a row. The first row is the one that the others are compared with. */
export function toMarkdown({ title, rounds, secondsPerRound, standings }: Comparison): string {
  const [yardstick, ...others] = standings;
  if (!yardstick) return '';
  return `### ${title}

Medians of ${rounds} rounds of ${secondsPerRound} s each, in turn; a ratio is to the first of them in the same round.

| | ratio (lowest to highest) | requests per second | processor time of a request | p50 | p99 |
| --- | --- | --- | --- | --- | --- |
${standings.map((standing) => toRow(standing, yardstick)).join('\n')}

${others.map((standing) => toRounds(standing, yardstick)).join('\n')}
`;
}

function toRow(standing: Standing, yardstick: Standing): string {
  const { name, results } = standing;
  const own = ratios(standing, yardstick);
  const milliseconds = results.flatMap((result) => result.milliseconds).sort((a, b) => a - b);
  const processor = results.flatMap((result) => result.processorMicroseconds ?? []);
  const cells = [
    name,
    `${median(own).toFixed(2)} (${Math.min(...own).toFixed(2)} to ${Math.max(...own).toFixed(2)})`,
    median(results.map((result) => result.requestsPerSecond)).toFixed(0),
    processor.length === 0 ? '' : `${median(processor).toFixed(0)} µs`,
    `${percentile(milliseconds, 0.5).toFixed(2)} ms`,
    `${percentile(milliseconds, 0.99).toFixed(2)} ms`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function toRounds(standing: Standing, yardstick: Standing): string {
  const own = ratios(standing, yardstick).map((ratio) => ratio.toFixed(2));
  return `${standing.name}, ratio of each round: ${own.join(', ')}`;
}
