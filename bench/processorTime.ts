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
  // The name of the program, in parentheses, may hold spaces; after it, these are the fields 14 and 15.
  const fields = readProcess(url, 'stat')?.split(') ').at(-1)?.split(' ');
  return fields ? (Number(fields[11]) + Number(fields[12])) * tickMicroseconds : null;
}

/** The memory that the server of a URL has now; null where the system does not tell. */
export function residentMegabytes(url: string): number | null {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProcess(url, 'status') ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

function readProcess(url: string, file: 'stat' | 'status'): string | null {
  const processId = processes.get(new URL(url).origin);
  if (processId === undefined || process.platform !== 'linux') return null;
  return readFileSync(`/proc/${processId}/${file}`, 'utf8');
}
