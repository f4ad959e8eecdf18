import { pino } from 'pino';
import { loadConfig } from '../config/config.ts';
import { openDatabase } from '../database/database.ts';
import { readPasswordFromOperator } from './accounts.ts';
import type { LoadDefinition } from './service.ts';
import type { Operator } from './user.ts';

/** Opens the database that the settings name, brings its tables up to date, acts, and closes it. */
export async function operate(
  act: (operator: Operator) => Promise<void>,
  load: LoadDefinition,
  print: Operator['print'],
): Promise<void> {
  const config = loadConfig(process.env);
  const log = pino({ level: config.logLevel }, pino.destination(2));
  const { database, close } = await openDatabase(config, () => {}, (await load()).migrations);
  try {
    await act({
      config,
      scene: { database, log, now: new Date(), client: null },
      readPassword: readPasswordFromOperator,
      print,
    });
  } finally {
    await close();
  }
}
