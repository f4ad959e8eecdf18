import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { ensureAdmin } from './account/ensureAdmin.ts';
import { createApp } from './app.ts';
import type { LoadDefinition } from './commands/service.ts';
import { type Config, loadConfig } from './config/config.ts';
import { hasSecretFile } from './config/secretFiles.ts';
import { obtainSecretKey } from './config/secretKey.ts';
import { measureClockDifference } from './database/clockDifference.ts';
import { openDatabase } from './database/database.ts';
import { describeError } from './errors.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createServerKeys } from './serverKeys.ts';
import { decoyHash } from './user/password.ts';

const drainMilliseconds = 10_000;
const farewellMilliseconds = 1_000;

/** Serves the API until a signal ends it. `load` returns the definition of the server. */
export async function serve(load: LoadDefinition): Promise<void> {
  const config = loadConfig(process.env);
  const answerHangUps = listenForHangUps();
  // Not through the log, whose level may hide them.
  for (const warning of config.warnings) console.error(`Warning: ${warning}`);
  const clock = () => new Date();
  const own = await load();
  const { database, close } = await openDatabase(
    config,
    (error) => console.error(`A database connection broke: ${error.message}`),
    own.migrations,
  );
  const { secretKey, note } = obtainSecretKey(config);
  await decoyHash();
  const clockDifferenceSeconds = () => measureClockDifference(database, clock);
  const keys = createServerKeys(config, secretKey);
  const app = await createApp({
    config,
    keys: keys.ring,
    database,
    clock,
    clockDifferenceSeconds,
    definition: own,
  });
  if (note) app.log.warn(note);
  const scene = { database, log: app.log, now: clock(), client: null };
  if (config.admin) await ensureAdmin({ operator: scene }, config.admin);
  const stopHousekeeping = startHousekeeping(database, {
    clock,
    clockDifferenceSeconds,
    auditRetentionDays: config.auditRetentionDays,
    onError: (error) => app.log.error({ error: describeError(error) }, 'housekeeping failed'),
  });
  closeWithGrace(
    {
      delay: drainMilliseconds + 2 * farewellMilliseconds,
      logger: app.log,
      skip: answerHangUps ? ['SIGHUP'] : [],
    },
    async () => {
      const impatience = setTimeout(() => app.server.closeAllConnections(), drainMilliseconds);
      const ended = app.close().then(async () => {
        clearTimeout(impatience);
        await stopHousekeeping();
        await close();
      });
      // A database that does not answer need not be waited for: nothing that it has not confirmed was sent to a client.
      const late = wait(drainMilliseconds + farewellMilliseconds, 'late' as const);
      if ((await Promise.race([ended, late])) === 'late') {
        app.log.warn('the database did not answer in time, and is left without a farewell');
      }
    },
  );
  answerHangUps?.(() => keys.reread(process.env, app.log));
  await app.listen({ host: config.host, port: config.port });
  announce(app.server.address() as AddressInfo, config);
}

/**
 * Where secrets stand in files, a SIGHUP reads them again instead of ending the server: one that comes while it starts,
 * when it has. Returns the function that is told what to do; null where there is nothing to read again.
 */
function listenForHangUps(): ((reread: () => void) => void) | null {
  if (!hasSecretFile(process.env)) return null;
  let reread: (() => void) | null = null;
  let isMissed = false;
  process.on('SIGHUP', () => {
    if (reread) reread();
    else isMissed = true;
  });
  return (answer) => {
    reread = answer;
    if (isMissed) answer();
  };
}

function announce({ port }: AddressInfo, { host }: Config): void {
  // Pages in development are on localhost, and cookies of 127.0.0.1 would never reach it.
  const isLoopback = host === '127.0.0.1' || host === '::1';
  const name = isLoopback ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const endpoint = `${name}:${port}/graphql`;
  console.log(`Sallyport serves http://${endpoint}
To sign in, make an account, and send the accessToken you get as "Authorization: Bearer <accessToken>":
  curl ${endpoint} -H 'content-type: application/json' \\
    -d '{"query":"mutation { register(username: \\"ada\\", password: \\"correct horse battery\\") { accessToken } }"}'`);
}
