/** A clock that stands still until it is moved. */
export interface TestClock {
  now: Date;
  advance(seconds: number): void;
}

export function stoppedClock(): TestClock {
  return {
    now: new Date('2030-01-01T12:00:00.000Z'),
    advance(seconds) {
      this.now = new Date(this.now.getTime() + seconds * 1000);
    },
  };
}
