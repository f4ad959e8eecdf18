import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Answer, AskFunction } from './app.ts';
import { root } from './checkout.ts';

export interface EndedProcess {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that has not said yet that it serves. */
export interface StartingProcess {
  readonly signal: (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGKILL') => void;
  /** Waits until standard error has so many lines with a text. */
  readonly saidOnStderr: (text: string, times?: number) => Promise<void>;
}

export interface ServerProcess extends StartingProcess {
  /** As the ready line has it. */
  readonly url: string;
  readonly port: number;
  readonly ask: AskFunction;
  /** Sends a signal, and returns how the process ended. */
  readonly end: (signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL') => Promise<EndedProcess>;
  readonly ended: Promise<EndedProcess>;
}

type Environment = Record<string, string>;

/** A program for Node: its arguments, and where it is started. */
export interface Program {
  readonly args: readonly string[];
  readonly cwd: string;
}

/** The service as `npm start` starts it. */
export const checkout: Program = {
  args: ['bin/sallyport.js', '--config', 'dist/sallyport.config.js'],
  cwd: root,
};

/** The same, without the look whether it is up to date: it was built before the first test. */
export const service: Program = {
  args: [inject('program'), '--config', join(root, 'dist/sallyport.config.js')],
  cwd: root,
};

/** A new DATA_DIR whose database is there already: making one takes seconds. On a Postgres, a directory as it is. */
export function copyDataDir(to: string): string {
  if (inject('dataDir')) cpSync(inject('dataDir'), to, { recursive: true });
  return to;
}

const running = new Set<ChildProcess>();

/** Starts the server, or another program that prints its URL in the same way, and waits for its ready line. */
export async function startProcess(
  environment: Environment,
  program = service,
  whileStarting: (process: StartingProcess) => Promise<void> = async () => {},
): Promise<ServerProcess> {
  const { child, ended, output } = run({ PORT: '0', ...environment }, program);
  const signal: StartingProcess['signal'] = (name) => void child.kill(name);
  const saidOnStderr = async (text: string, times = 1) => {
    const isSaid = () =>
      output.stderr.split('\n').filter((line) => line.includes(text)).length >= times;
    while (!isSaid()) {
      const said = await Promise.race([once(child.stderr, 'data').then(() => true), ended]);
      if (said !== true && !isSaid()) throw new Error(`The server ended: ${JSON.stringify(said)}`);
    }
  };
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const line = /^.*?(http:\/\/\S+\/graphql).*\n/m.exec(output.stdout);
      if (line?.[1]) resolve(line[1]);
    });
    ended.then((end) => reject(new Error(`The server ended: ${JSON.stringify(end)}`)), reject);
    whileStarting({ signal, saidOnStderr }).catch(reject);
  });
  return {
    url,
    port: Number(new URL(url).port),
    ask: asker(url),
    ended,
    signal,
    saidOnStderr,
    async end(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Starts the server with settings with which it cannot run, or a command that ends, and returns how it ended. */
export async function runProcess(
  environment: Environment,
  program = service,
): Promise<EndedProcess> {
  return await run({ PORT: '0', ...environment }, program).ended;
}

/** Ends what a failed test left behind. */
export function killProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

function run(environment: Environment, { args, cwd }: Program) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, 'close').then(([exitCode]): EndedProcess => {
    running.delete(child);
    return { exitCode, ...output };
  });
  return { child, ended, output };
}

function asker(url: string): AskFunction {
  return async (query, { variables = {}, token, headers = {} } = {}): Promise<Answer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data = null, errors = [] } = (await response.json()) as Partial<Answer>;
    return { status: response.status, headers: Object.fromEntries(response.headers), data, errors };
  };
}
