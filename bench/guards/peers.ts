import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A way to guard the items: its name in the table, and its module, as `round.ts` sees it. */
export interface Contestant {
  readonly name: string;
  readonly module: string;
}

const directory = fileURLToPath(new URL('../peers', import.meta.url));

/** The other libraries; none, with a word of why, when they are not installed and cannot be. */
export async function findPeers(): Promise<Contestant[]> {
  try {
    await installPeers();
  } catch (error) {
    console.log(`Other libraries are not measured, because npm could not install them: ${error}\n`);
    return [];
  }
  const { dependencies } = JSON.parse(await readFile(`${directory}/package.json`, 'utf8'));
  const peer = (name: string, module: string): Contestant => {
    return { name: `${name} ${dependencies[name]}`, module: `../peers/${module}` };
  };
  return [
    peer('graphql-shield', 'graphqlShield.mjs'),
    peer('@graphql-authz/core', 'graphqlAuthz.mjs'),
    peer('@envelop/generic-auth', 'envelopGenericAuth.mjs'),
  ];
}

// They have a package of their own, so that `npm ci` at the root installs none of them.
async function installPeers(): Promise<void> {
  const npm = (...args: string[]) => promisify(execFile)('npm', [...args, '--prefix', directory]);
  const isInstalled = await npm('ls').then(
    () => true,
    () => false,
  );
  if (isInstalled) return;
  console.log('Installing the libraries that Sallyport is compared with.\n');
  await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
}
