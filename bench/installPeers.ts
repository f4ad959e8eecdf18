import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Where the libraries are that Sallyport is compared with. */
export const peersDirectory = fileURLToPath(new URL('peers', import.meta.url));

/**
 * Installs the other libraries where they are not yet. They have a package of their own, so that `npm ci` at the root
 * installs none of them. False, with a word of why, when npm cannot.
 */
export async function installPeers(): Promise<boolean> {
  const npm = (...args: string[]) =>
    promisify(execFile)('npm', [...args, '--prefix', peersDirectory]);
  const isInstalled = await npm('ls').then(
    () => true,
    () => false,
  );
  if (isInstalled) return true;
  console.log('Installing the libraries that Sallyport is compared with.\n');
  try {
    await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
    return true;
  } catch (error) {
    console.log(`Other libraries are not measured, because npm could not install them: ${error}\n`);
    return false;
  }
}
