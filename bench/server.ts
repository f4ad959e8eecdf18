import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Later } from './cleanUp.ts';

const startMilliseconds = 60_000;
const stopMilliseconds = 15_000;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a program of this repository that prints the URL it serves, in a process of its own, and gives that URL.
 * Of this process's environment it sees nothing but PATH, so that nobody's settings slow one server and not another.
 */
export async function startServer(
  program: string,
  environment: Readonly<Record<string, string>>,
  later: Later,
): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  later(() => stop(child));
  const impatience = setTimeout(() => child.kill('SIGKILL'), startMilliseconds);
  try {
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\/\/\S+/.exec(line)?.[0];
      if (url !== undefined) {
        child.stdout.resume();
        return url;
      }
    }
  } finally {
    clearTimeout(impatience);
  }
  throw new Error(`${program} stopped before it said where it serves.`);
}

/** Tells all servers to stop. */
export function stopServers(): void {
  for (const child of running) child.kill();
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
  child.kill();
  await once(child, 'exit');
  clearTimeout(impatience);
}
