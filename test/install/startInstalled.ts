import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Starts the service that is installed in a folder as an operator does, asks it something, and stops it. */
export async function startInstalled(directory: string) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(join(directory, 'node_modules/.bin/sallyport'), {
    cwd: directory,
    env: { PATH, HOME, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    let printed = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      printed += text;
      if (/http:\S+\/graphql/.test(printed)) break;
    }
    const [url = ''] = /http:\S+\/graphql/.exec(printed) ?? [];
    const { status } = await fetch(new URL('/readyz', url));
    child.kill('SIGTERM');
    const [exitCode] = await exited;
    return { status, exitCode };
  } finally {
    child.kill('SIGKILL');
  }
}
