const warmUpSeconds = 1;
const turns = 40;
const secondsPerTurn = 0.05;

/** One operation, over and over. What it returns is waited for where it is a promise, as a server does. */
export type Work = () => unknown;

/**
 * Has two works take turns in this process, so that both have what the compiler made of the code that they share, and
 * the same memory: from one process to the next, that alone makes a difference of a tenth. Returns the milliseconds of
 * processor time for one operation of each; what else the machine does is not counted.
 */
export async function takeTurns(one: Work, other: Work): Promise<[number, number]> {
  const sides = [one, other].map((work) => ({ work, milliseconds: 0, operations: 0 }));
  for (let half = 0; half < 2; half++) {
    for (const side of sides) await run(side, warmUpSeconds / 2);
  }
  for (const side of sides) Object.assign(side, { milliseconds: 0, operations: 0 });
  for (let turn = 0; turn < turns; turn++) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) await run(side, secondsPerTurn);
  }
  const [first, second] = sides.map(({ milliseconds, operations }) => milliseconds / operations);
  return [first ?? Number.NaN, second ?? Number.NaN];
}

interface Side {
  readonly work: Work;
  milliseconds: number;
  operations: number;
}

async function run(side: Side, seconds: number): Promise<void> {
  const before = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  do {
    const result = side.work();
    if (result instanceof Promise) await result;
    side.operations += 1;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(before);
  side.milliseconds += (user + system) / 1000;
}
