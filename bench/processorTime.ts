import { readFileSync } from 'node:fs';

// A hundredth of a second on every Linux (man 5 proc, "clock ticks").
const tickMicroseconds = 10_000;

const processes = new Map<string, number>();

/** Notes which process serves a URL. */
export function noteProcess(url: string, processId: number): void {
  processes.set(new URL(url).origin, processId);
}

/**
 * The processor time, in user and system, that the server of a URL has used since it began; null where the system does
 * not tell. It depends less on what else a machine does than requests per second do.
 */
export function processorMicroseconds(url: string): number | null {
  const processId = processes.get(new URL(url).origin);
  if (processId === undefined || process.platform !== 'linux') return null;
  // The name of the program, in parentheses, may hold spaces; after it, these are the fields 14 and 15.
  const fields =
    readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds;
}
