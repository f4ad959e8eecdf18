import autocannon from 'autocannon';
import { ask, type Operation, toRequest } from './ask.ts';
import { processorMicroseconds } from './processorTime.ts';

/** Sends requests for so long. Throws unless every single one was answered as it should be. */
export type Load = (seconds: number) => Promise<LoadResult>;

export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Of the server, for each request; null where the system does not tell. */
  readonly processorMicroseconds: number | null;
  /** How long each request took. */
  readonly milliseconds: readonly number[];
}

export const connections = 10;

/** The same operation over and over, on ten connections, each of which waits for its answer before it asks again. */
export function repeat(url: string, operation: Operation): Load {
  return async (seconds) => {
    const expectBody = await ask(url, operation);
    const before = processorMicroseconds(url);
    const milliseconds: number[] = [];
    const result = await new Promise<autocannon.Result>((resolve, reject) => {
      const run = autocannon(
        {
          url,
          method: 'POST',
          ...toRequest(operation),
          expectBody,
          connections,
          duration: seconds,
          // How often autocannon looks whether the time is over, in milliseconds.
          sampleInt: 50,
          bailout: 1,
        },
        (error, outcome) => (error ? reject(error) : resolve(outcome)),
      );
      run.on('response', (_client, _status, _bytes, duration) => milliseconds.push(duration));
    });
    requireAnswers(url, result);
    const elapsedSeconds = (result.finish.getTime() - result.start.getTime()) / 1000;
    return {
      requestsPerSecond: result['2xx'] / elapsedSeconds,
      processorMicroseconds: perRequest(url, before, result['2xx']),
      milliseconds,
    };
  };
}

/** Sends operations one after the other on each of ten connections, each made from the answer before; null at first. */
export function chain(
  url: string,
  next: (connection: number, lastAnswer: string | null) => Operation,
): Load {
  const lastAnswers: (string | null)[] = Array.from({ length: connections }, () => null);
  return async (seconds) => {
    const milliseconds: number[] = [];
    const before = processorMicroseconds(url);
    const start = performance.now();
    await Promise.all(
      lastAnswers.map(async (_answer, connection) => {
        while (performance.now() - start < seconds * 1000) {
          const begin = performance.now();
          const operation = next(connection, lastAnswers[connection] ?? null);
          lastAnswers[connection] = await ask(url, operation);
          milliseconds.push(performance.now() - begin);
        }
      }),
    );
    const elapsedSeconds = (performance.now() - start) / 1000;
    return {
      requestsPerSecond: milliseconds.length / elapsedSeconds,
      processorMicroseconds: perRequest(url, before, milliseconds.length),
      milliseconds,
    };
  };
}

function perRequest(url: string, before: number | null, requests: number): number | null {
  const after = processorMicroseconds(url);
  return before === null || after === null ? null : (after - before) / requests;
}

function requireAnswers(url: string, result: autocannon.Result): void {
  const { errors, mismatches, statusCodeStats = {} } = result;
  const statuses = Object.keys(statusCodeStats);
  if (errors === 0 && mismatches === 0 && statuses.join() === '200') return;
  throw new Error(
    `${url}: ${errors} requests failed, ${mismatches} answers were not the expected one, statuses: ${statuses}`,
  );
}
