#!/usr/bin/env node
import closeWithGrace from 'close-with-grace';
import { createApp } from './app.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { obtainSecretKey } from './secretKey.ts';
import { decoyHash } from './user/password.ts';
import { ensureAdmin } from './user/user.ts';

const drainMilliseconds = 10_000;

try {
  await start(loadConfig(process.env));
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

async function start(config: Config): Promise<void> {
  const { database, close } = await openDatabase(config, (error) =>
    console.error(`A database connection broke: ${error.message}`),
  );
  const { secretKey, note } = obtainSecretKey(config);
  if (config.admin) await ensureAdmin(database, config.admin, new Date());
  await decoyHash();
  const app = await createApp({ config, secretKey, database });
  if (note) app.log.warn(note);
  closeWithGrace({ delay: drainMilliseconds + 2_000, logger: app.log }, async () => {
    const impatience = setTimeout(() => app.server.closeAllConnections(), drainMilliseconds);
    await app.close();
    clearTimeout(impatience);
    await close();
  });
  await app.listen({ host: config.host, port: config.port });
  announce(app.server.address(), config);
}

function announce(address: ReturnType<import('node:http').Server['address']>, { host }: Config) {
  const port = typeof address === 'object' ? address?.port : address;
  const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}/graphql`;
  console.log(`Sallyport serves http://${endpoint}
To sign in, make an account, and send the accessToken you get as "Authorization: Bearer <accessToken>":
  curl ${endpoint} -H 'content-type: application/json' \\
    -d '{"query":"mutation { register(username: \\"ada\\", password: \\"correct horse battery\\") { accessToken } }"}'`);
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  const cause =
    error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : '';
  return `Sallyport cannot start. ${message}${cause}`;
}
