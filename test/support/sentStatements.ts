import type { Query } from 'drizzle-orm';
import type { Database } from '../../src/database/database.ts';
import { onPostgres } from './database.ts';

interface Session {
  logger: { logQuery(sql: string, params: unknown[]): void };
  readonly options: { logger?: Session['logger'] };
  transaction<Result>(...given: unknown[]): Promise<Result>;
}

/**
 * Records what a database is sent, one entry for each time that it is waited for: `begin` and `commit` too. To be
 * called before the first statement is prepared.
 */
export function recordStatements(database: Database): Query[] {
  const { session } = database as unknown as { session: Session };
  const sent: Query[] = [];
  const logger = { logQuery: (sql: string, params: unknown[]) => void sent.push({ sql, params }) };
  session.logger = logger;
  // The sessions of transactions are made with these.
  session.options.logger = logger;
  if (!onPostgres) {
    // The embedded database begins and ends transactions without Drizzle.
    const transaction = session.transaction.bind(session);
    session.transaction = async <Result>(...given: unknown[]) => {
      logger.logQuery('begin', []);
      const result = await transaction<Result>(...given);
      logger.logQuery('commit', []);
      return result;
    };
  }
  return sent;
}
