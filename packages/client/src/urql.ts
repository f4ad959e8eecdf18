import { type Exchange, makeOperation, type Operation, type OperationResult } from '@urql/core';
import { makeSubject, pipe, subscribe } from 'wonka';
import type { Session } from './createSession.ts';
import { onUserChange } from './onUserChange.ts';

/**
 * Gives each user a cache of their own: at sign-in, at sign-out and when another tab does either, the exchange that
 * caches starts anew, pages show nothing of the last user, and the queries that are on the page are asked again. A
 * mutation that is under way goes on.
 *
 * @example
 * const client = new Client({
 *   url,
 *   fetch: session.fetch,
 *   exchanges: [followSession(session, cacheExchange), fetchExchange],
 * });
 * const { data } = await client.query('{ serverTime }', {});
 * console.log(typeof data.serverTime); // string
 */
export function followSession(session: Session, cacheExchange: Exchange): Exchange {
  return (input) => (operations) => {
    const results = makeSubject<OperationResult>();
    // What comes behind an exchange may be started only once, so every cache sends and hears by these.
    const sent = makeSubject<Operation>();
    const active = new Map<number, Operation>();

    function startCache() {
      const asked = makeSubject<Operation>();
      const answered = makeSubject<OperationResult>();
      const cache = cacheExchange({
        ...input,
        forward(missed) {
          pipe(missed, subscribe(sent.next));
          return answered.source;
        },
      });
      pipe(cache(asked.source), subscribe(results.next));
      return { ask: asked.next, answer: answered.next };
    }

    let cache = startCache();
    pipe(
      input.forward(sent.source),
      subscribe((result) => cache.answer(result)),
    );
    pipe(
      operations,
      subscribe((operation) => {
        if (operation.kind === 'teardown') active.delete(operation.key);
        else if (operation.kind !== 'mutation') active.set(operation.key, operation);
        cache.ask(operation);
      }),
    );
    onUserChange(session, () => {
      const left = [...active.values()];
      for (const operation of left) sent.next(makeOperation('teardown', operation));
      cache = startCache();
      for (const operation of left) {
        results.next({ operation, data: null, stale: true, hasNext: false });
      }
      for (const operation of left) {
        if (active.get(operation.key) === operation) cache.ask(operation);
      }
    });
    return results.source;
  };
}
