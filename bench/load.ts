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

type SetupRequest = NonNullable<autocannon.Request['setupRequest']>;
type OnResponse = NonNullable<autocannon.Request['onResponse']>;

/**
 * The same operation over and over, on connections each of which waits for its answer before it asks again. All answers
 * are the same one, unless any will do.
 */
export function repeat(
  url: string,
  operation: Operation,
  connections: number,
  expected: 'the same answer' | 'any answer' = 'the same answer',
): Load {
  return async (seconds) => {
    const answer = await ask(url, operation);
    const expectation =
      expected === 'any answer'
        ? { verifyBody: (body: unknown) => isAnswer(`${body}`) }
        : { expectBody: answer };
    return await fire(url, seconds, { connections, ...expectation, ...toRequest(operation) });
  };
}

/** Operations one after the other on each connection, each made from the answer before; null at first. */
export function chain(
  url: string,
  next: (connection: number, lastAnswer: string | null) => Operation,
  connections: number,
): Load {
  const lastAnswers: (string | null)[] = Array.from({ length: connections }, () => null);
  return async (seconds) => {
    let clients = 0;
    return await fire(url, seconds, {
      connections,
      setupClient(client) {
        const connection = clients++;
        const setupRequest: SetupRequest = (request) => ({
          ...request,
          ...toRequest(next(connection, lastAnswers[connection] ?? null)),
        });
        const onResponse: OnResponse = (_status, body) => {
          lastAnswers[connection] = body;
        };
        client.setRequests([{ setupRequest, onResponse }]);
      },
      verifyBody: (body: unknown) => isAnswer(`${body}`),
    });
  };
}

async function fire(
  url: string,
  seconds: number,
  options: Omit<autocannon.Options, 'url'>,
): Promise<LoadResult> {
  const before = processorMicroseconds(url);
  const milliseconds: number[] = [];
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url,
        method: 'POST',
        duration: seconds,
        // How often autocannon looks whether the time is over, in milliseconds.
        sampleInt: 50,
        bailout: 1,
        ...options,
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
}

function perRequest(url: string, before: number | null, requests: number): number | null {
  const after = processorMicroseconds(url);
  return before === null || after === null ? null : (after - before) / requests;
}

function isAnswer(text: string): boolean {
  return text.startsWith('{"data":') && !text.includes('"errors":');
}

function requireAnswers(url: string, result: autocannon.Result): void {
  const { errors, mismatches, statusCodeStats = {} } = result;
  const statuses = Object.keys(statusCodeStats);
  if (errors === 0 && mismatches === 0 && statuses.join() === '200') return;
  throw new Error(
    `${url}: ${errors} requests failed, ${mismatches} answers were not the expected one, statuses: ${statuses}`,
  );
}
