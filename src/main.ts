#!/usr/bin/env node
import type { AddressInfo } from 'node:net';
import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { pino } from 'pino';
import { accessCommand, explainCommand } from './accessCommands.ts';
import { createApp } from './app.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { describeError } from './errors.ts';
import { startHousekeeping } from './housekeeping.ts';
import { obtainSecretKey } from './secretKey.ts';
import { ensureAdmin } from './user/account.ts';
import { decoyHash } from './user/password.ts';
import { type Operator, readPasswordFromOperator, userCommand } from './userCommand.ts';

const drainMilliseconds = 10_000;

const program = new Command('sallyport').description(
  'A GraphQL API server whose security you read in its schema. Settings come from the environment.',
);
program.command('serve', { isDefault: true }).description('Serve the API.').action(serve);
program.addCommand(userCommand(withOperator));
program.addCommand(accessCommand(console.log));
program.addCommand(explainCommand(console.log));

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

async function serve(): Promise<void> {
  const config = loadConfig(process.env);
  const clock = () => new Date();
  const { database, close } = await openDatabase(config, (error) =>
    console.error(`A database connection broke: ${error.message}`),
  );
  const { secretKey, note } = obtainSecretKey(config);
  await decoyHash();
  const app = await createApp({ config, secretKey, database, clock });
  if (note) app.log.warn(note);
  const scene = { database, log: app.log, now: clock(), client: null };
  if (config.admin) await ensureAdmin(scene, config.admin);
  const stopHousekeeping = startHousekeeping(database, {
    clock,
    onError: (error) => app.log.error({ error: describeError(error) }, 'housekeeping failed'),
  });
  closeWithGrace({ delay: drainMilliseconds + 2_000, logger: app.log }, async () => {
    const impatience = setTimeout(() => app.server.closeAllConnections(), drainMilliseconds);
    await app.close();
    clearTimeout(impatience);
    await stopHousekeeping();
    await close();
  });
  await app.listen({ host: config.host, port: config.port });
  announce(app.server.address() as AddressInfo, config);
}

function announce({ port }: AddressInfo, { host }: Config): void {
  const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}/graphql`;
  console.log(`Sallyport serves http://${endpoint}
To sign in, make an account, and send the accessToken you get as "Authorization: Bearer <accessToken>":
  curl ${endpoint} -H 'content-type: application/json' \\
    -d '{"query":"mutation { register(username: \\"ada\\", password: \\"correct horse battery\\") { accessToken } }"}'`);
}

async function withOperator(act: (operator: Operator) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  const log = pino({ level: config.logLevel }, pino.destination(2));
  const { database, close } = await openDatabase(config, () => {});
  try {
    await act({
      config,
      scene: { database, log, now: new Date(), client: null },
      readPassword: readPasswordFromOperator,
      print: console.log,
    });
  } finally {
    await close();
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { message, cause } = describeError(error);
  const reasons = [message, cause?.message].filter((reason) => reason !== undefined);
  return ['Sallyport cannot go on.', ...reasons].join(' ');
}
