import type { FastifyBaseLogger } from 'fastify';
import { describeError } from './errors.ts';

const intervalMilliseconds = 5 * 60 * 1000;
const toleratedSeconds = 5;
const wrong = 'the clock of this machine and that of the database differ: set both by NTP';

export interface ClockWatchOptions {
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>;
  /** Is told the difference in whole seconds, or null when it is tolerable. */
  readonly onMeasured: (differenceSeconds: number | null) => void;
}

/**
 * Compares this node's clock with the database's, now and every five minutes, and tells of a difference of more than
 * five seconds: tokens of nodes whose clocks differ seem to come from the future, or to have expired. Returns a
 * function that stops it and waits for what runs.
 */
export async function startClockWatch(
  measureSeconds: () => Promise<number>,
  { log, onMeasured }: ClockWatchOptions,
): Promise<() => Promise<void>> {
  let wasWrong = false;
  const compare = async () => {
    try {
      const difference = await measureSeconds();
      const isWrong = Math.abs(difference) > toleratedSeconds;
      const clockDifferenceSeconds = isWrong ? Math.round(difference) : null;
      onMeasured(clockDifferenceSeconds);
      if (isWrong) log.warn({ clockDifferenceSeconds }, wrong);
      else if (wasWrong) log.info('the clocks of this machine and of the database agree again');
      wasWrong = isWrong;
    } catch (error) {
      log.warn({ error: describeError(error) }, 'the clock could not be compared');
    }
  };
  await compare();
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = compare();
  }, intervalMilliseconds);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
