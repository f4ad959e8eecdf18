import type { FastifyInstance } from 'fastify';
import { type Database, hasRoom, ping } from '../database/database.ts';
import { isDiskFull } from '../database/outage.ts';
import { describeError } from '../errors.ts';

export interface Health {
  /** Takes note of a failure of the database: one whose disk is full still answers reads. */
  readonly noteOutage: (error: unknown) => void;
  /** Is told by how many seconds this machine's clock is wrong; null when it is right. `/readyz` shows it. */
  readonly noteClockDifference: (seconds: number | null) => void;
}

/** `/healthz` while the process lives, `/readyz` while it can serve. Neither keeps anybody waiting. */
export function addHealth(
  app: FastifyInstance,
  database: Database,
  { readiness }: { readiness: number },
): Health {
  let stopping = false;
  let isFull = false;
  let clockDifferenceSeconds: number | null = null;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  // A connection kept alive behind its last answer would hold up the end for as long as its client likes.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (stopping) reply.header('connection', 'close');
    done();
  });
  app.get('/healthz', async () => ({ status: 'ok' }));

  // All who ask at the same time share one query, so that they do not take the connections that others need.
  let asked: Promise<void> | null = null;
  const askDatabase = async () => {
    await ping(database);
    if (!isFull) return;
    await hasRoom(database);
    isFull = false;
  };
  const askOnce = () =>
    within(readiness, askDatabase()).finally(() => {
      asked = null;
    });
  app.get('/readyz', async (request, reply) => {
    try {
      if (!stopping) {
        asked ??= askOnce();
        await asked;
        return { status: 'ok', ...(clockDifferenceSeconds !== null && { clockDifferenceSeconds }) };
      }
    } catch (error) {
      request.log.warn({ error: describeError(error) }, 'the database does not answer');
    }
    return reply.code(503).send({ status: stopping ? 'stopping' : 'no database' });
  });
  return {
    noteOutage(error) {
      if (isDiskFull(error)) isFull = true;
    },
    noteClockDifference(seconds) {
      clockDifferenceSeconds = seconds;
    },
  };
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`The database has not answered within ${milliseconds} ms.`);
    timer = setTimeout(reject, milliseconds, error);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
