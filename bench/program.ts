import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a program of this repository in a process of its own. Of this process's environment it sees nothing but PATH,
 * so that nobody's settings slow one program and not another.
 */
export function startProgram(
  program: readonly [path: string, ...args: string[]],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess & { readonly stdout: Readable } {
  const child = spawn(
    process.execPath,
    ['--conditions=sallyport-source', '--import', 'tsx', ...program],
    {
      cwd: new URL('..', import.meta.url),
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a program of this repository to its end, and returns what it printed. */
export async function runProgram(
  program: readonly [path: string, ...args: string[]],
): Promise<string> {
  const child = startProgram(program);
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${program.join(' ')} ended with ${code ?? signal}.`);
  return output;
}

/** Whether a program has not ended yet. */
export function isRunning(child: ChildProcess): boolean {
  return running.has(child);
}

/** Tells all programs to stop. */
export function stopPrograms(): void {
  for (const child of running) child.kill();
}
