import { join } from 'node:path';
import { type Later, withCleanUp } from './cleanUp.ts';
import { useCores } from './cores.ts';
import { median } from './figures.ts';
import type { Findings, Goal } from './goals.ts';
import { createPostgresDatabase, postgresUrl } from './postgres.ts';
import { processorMicroseconds, residentMegabytes } from './processorTime.ts';
import type { Program } from './program.ts';
import {
  makeDirectory,
  onEmbedded,
  onPostgres,
  sallyportProgram,
  sallyportSettings,
} from './sallyport.ts';
import { startServer } from './server.ts';

const rounds = 5;

/** How one start went, until the program said that it is ready. */
interface Start {
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
  /** When it was ready. */
  readonly megabytes: number;
}

const stock = 'stock Apollo';
const bare = 'PGlite alone, from the same file';
const first = `${onEmbedded}, first start`;
const second = `${onEmbedded}, second start`;

/** How long a start takes, and how much memory a server has when it is ready. */
export async function starts(): Promise<Findings> {
  useCores('all');
  return await withCleanUp(async (later) => {
    const databaseUrl = postgresUrl && (await createPostgresDatabase(postgresUrl, later));
    const results = new Map<string, Start[]>();
    // The first round fills the caches of the file system, and counts for nobody.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, result] of await startEach(databaseUrl, later)) {
        if (round > 0) results.set(name, [...(results.get(name) ?? []), result]);
      }
    }
    return { markdown: toTable(results), measured: toMeasured(results) };
  });
}

async function startEach(databaseUrl: string | null, later: Later): Promise<[string, Start][]> {
  const directory = await makeDirectory(later);
  const sallyport = async (environment: Readonly<Record<string, string>>) =>
    await start(sallyportProgram, sallyportSettings(environment));
  const open = ['bench/peers/openEmbedded.mjs', 'dist/database.tar.gz', join(directory, 'bare')];
  const embedded = { DATA_DIR: join(directory, 'sallyport') };
  return [
    [bare, await start(open as [string, ...string[]], {})],
    [first, await sallyport(embedded)],
    [second, await sallyport(embedded)],
    [stock, await start(['bench/peers/plainApollo.mjs'], {})],
    ...(databaseUrl === null
      ? []
      : [[onPostgres, await sallyport({ DATABASE_URL: databaseUrl })] as [string, Start]]),
  ];
}

async function start(
  program: Program,
  environment: Readonly<Record<string, string>>,
): Promise<Start> {
  return await withCleanUp(async (later) => {
    const begin = performance.now();
    const url = await startServer(program, environment, later);
    return {
      milliseconds: performance.now() - begin,
      processorMilliseconds: (processorMicroseconds(url) ?? Number.NaN) / 1000,
      megabytes: residentMegabytes(url) ?? Number.NaN,
    };
  });
}

function toMeasured(results: ReadonlyMap<string, readonly Start[]>) {
  const ratio = (own: string, yardstick: string, goal: number) => ({
    work: `start to ready: ${own} / ${yardstick}`,
    bound: 'at most' as const,
    goal,
    values: (results.get(own) ?? []).map(
      ({ milliseconds }, round) =>
        milliseconds / (results.get(yardstick)?.[round]?.milliseconds ?? Number.NaN),
    ),
  });
  const memory = (own: string, goal: number): Goal & { values: number[] } => ({
    work: `resident memory when ready: ${own}`,
    bound: 'at most',
    goal,
    unit: 'MB',
    values: (results.get(own) ?? []).map(({ megabytes }) => megabytes),
  });
  const goals = [ratio(first, bare, 1.5), ratio(onPostgres, stock, 2.5)];
  return [...goals, memory(second, 340), memory(onPostgres, 110)].filter(
    ({ values }) => values.length > 0,
  );
}

function toTable(results: ReadonlyMap<string, readonly Start[]>): string {
  const row = ([name, own]: [string, readonly Start[]]) => {
    const middle = (figure: keyof Start, unit: string) =>
      `${median(own.map((one) => one[figure])).toFixed(0)} ${unit}`;
    const cells = [middle('milliseconds', 'ms'), middle('processorMilliseconds', 'ms')];
    return `| ${[name, ...cells, middle('megabytes', 'MB')].join(' | ')} |`;
  };
  return `### Start, on all cores

Medians of ${rounds} rounds, in turn, until the program says that it is ready.

| | time | processor time | resident memory then |
| --- | --- | --- | --- |
${[...results].map(row).join('\n')}
`;
}
