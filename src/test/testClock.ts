/** A clock that stands still until it is moved. */
export interface TestClock {
  now: Date;
  advance(seconds: number): void;
}

/**
 * Makes a clock that stands at noon on 1 January 2030.
 *
 * @example
 * const clock = stoppedClock();
 * clock.advance(60);
 * console.log(clock.now.toISOString()); // 2030-01-01T12:01:00.000Z
 */
export function stoppedClock(): TestClock {
  return {
    now: new Date('2030-01-01T12:00:00.000Z'),
    advance(seconds) {
      this.now = new Date(this.now.getTime() + seconds * 1000);
    },
  };
}
