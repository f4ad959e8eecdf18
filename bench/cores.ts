import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** `apart`: a server has the first core, and what asks it has the others. `all`: everybody has all of them. */
export type Cores = 'apart' | 'all';

const count = availableParallelism();
const canPin = count > 1 && hasTaskset();
let serverCores: string | null = null;

/** Moves this process to its cores, and says on which the programs run that are started from now on. */
export function useCores(cores: Cores): void {
  if (!canPin) return;
  const all = `0-${count - 1}`;
  const [server, own] = cores === 'apart' ? ['0', `1-${count - 1}`] : [all, all];
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', own, `${process.pid}`]);
  serverCores = server;
}

/** The command that runs a program on the cores of the servers. */
export function onServerCores(command: string, args: readonly string[]): [string, string[]] {
  return serverCores === null
    ? [command, [...args]]
    : ['taskset', ['--cpu-list', serverCores, command, ...args]];
}

/** Where the programs run, for whoever reads the figures. */
export function describeCores(): string {
  return canPin
    ? 'Where nothing else is said, the server has a core of its own, and what asks it another.'
    : 'Servers and what asks them share all cores: there is no `taskset` here, or one core.';
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
