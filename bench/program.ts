import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onServerCores } from './cores.ts';

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The arguments of Node for a program of this repository: a file, and what it is told. */
export type Program = readonly [path: string, ...args: string[]];

/** A program in TypeScript, which is translated while it is loaded: for what is measured once it runs. */
export function inTypeScript(...program: Program): Program {
  return ['--conditions=sallyport-source', '--import', 'tsx', ...program];
}

/**
 * Starts a program in a process of its own, on the cores of the servers. Of this process's environment it sees nothing
 * but PATH, so that nobody's settings slow one program and not another.
 */
export function startProgram(
  program: Program,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess & { readonly stdout: Readable } {
  const child = spawn(...onServerCores(process.execPath, program), {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a program to its end, and returns what it printed. */
export async function runProgram(program: Program): Promise<string> {
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
