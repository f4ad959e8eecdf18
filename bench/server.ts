import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Later } from './cleanUp.ts';
import { noteProcess } from './processorTime.ts';
import { isRunning, type Program, startProgram } from './program.ts';

const startMilliseconds = 60_000;
const stopMilliseconds = 15_000;

/** Starts a program that prints the URL it serves, and returns that URL. */
export async function startServer(
  program: Program,
  environment: Readonly<Record<string, string>>,
  later: Later,
): Promise<string> {
  const child = startProgram(program, { PORT: '0', ...environment });
  later(() => stop(child));
  const impatience = setTimeout(() => child.kill('SIGKILL'), startMilliseconds);
  try {
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\/\/\S+/.exec(line)?.[0];
      if (url !== undefined) {
        child.stdout.resume();
        if (child.pid !== undefined) noteProcess(url, child.pid);
        return url;
      }
    }
  } finally {
    clearTimeout(impatience);
  }
  throw new Error(`${program.join(' ')} stopped before it said where it serves.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
  child.kill();
  await once(child, 'exit');
  clearTimeout(impatience);
}
