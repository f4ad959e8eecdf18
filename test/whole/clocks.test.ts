import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startClockWatch } from '../../src/clockWatch.ts';
import { measureClockDifference } from '../../src/database/clockDifference.ts';
import { login, type Pair, refresh, register, succeeded } from '../support/account.ts';
import { failure, startApp, stoppedClock, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const me = ({ ask }: TestApp, { accessToken }: Pair) =>
  ask('{ me { username } }', { token: accessToken });
const createItem = ({ ask }: TestApp, { accessToken }: Pair, name: string) =>
  ask('mutation ($name: String!) { createItem(name: $name, price: 1) { name } }', {
    token: accessToken,
    variables: { name },
  });

describe('two nodes whose clocks differ', () => {
  let right: TestApp;
  beforeAll(async () => {
    right = await startApp({ clock: stoppedClock() });
  });
  afterAll(() => right.close());

  async function onNodeThatIs(seconds: number, act: (node: TestApp) => Promise<void>) {
    const clock = stoppedClock();
    clock.now = new Date(right.clock.now.getTime() + seconds * 1000);
    const node = await startApp({ database: right.database, clock });
    await act(node).finally(node.close);
  }

  test.each([-60, -20, 20, 60])(
    'by %i s accept each other’s tokens: to read, fresh, and to refresh, in turns',
    async (seconds) => {
      await onNodeThatIs(seconds, async (other) => {
        const { username, ...first } = await register(right);
        for (const node of [right, other]) {
          expect((await me(node, first)).data).toEqual({ me: { username } });
          expect((await createItem(node, first, `${seconds}-${node === right}`)).errors).toEqual(
            [],
          );
        }
        let pair: Pair = first;
        for (const node of [other, right, other, right]) {
          right.clock.advance(120);
          other.clock.advance(120);
          pair = succeeded(await refresh(node, pair.refreshToken)).refresh;
          for (const each of [right, other]) expect((await me(each, pair)).errors).toEqual([]);
        }
        const again = await login(other, username);
        expect((await createItem(right, again, `${seconds}-again`)).errors).toEqual([]);
      });
    },
  );

  test('by more than a minute refuse each other’s tokens, which come from the future', async () => {
    const account = await register(right);
    await onNodeThatIs(-61, async (behind) => {
      expect(failure(await me(behind, account))).toEqual(refusals.invalid);
      expect(failure(await refresh(behind, account.refreshToken))).toEqual(refusals.invalid);
    });
    expect((await me(right, account)).errors).toEqual([]);
  });
});

describe('the difference to the clock of the database', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const readyWith = async (clockDifferenceSeconds: () => Promise<number>) => {
    const node = await startApp({ database: app.database, clockDifferenceSeconds });
    const response = await node.inject({ url: '/readyz' });
    await node.close();
    const warnings = node.logLines
      .map((line) => JSON.parse(line))
      .filter(({ level }) => level === 40);
    return { status: response.statusCode, body: response.json(), warnings };
  };

  test.each([-20, 20, 6, 45 * 24 * 60 * 60])('of %i s is measured', async (seconds) => {
    const difference = await measureClockDifference(
      app.database,
      () => new Date(Date.now() + seconds * 1000),
    );
    expect(Math.round(difference)).toBe(seconds);
  });

  test('is not affected by a slow answer', async () => {
    // The clock of a node on which the answer took eight seconds.
    let asked = 0;
    const clock = () => new Date(Date.now() + asked++ * 8000);
    expect(await measureClockDifference(app.database, clock)).toBeLessThan(0.1);
  });

  test.each([-6, 6, 20, 3600])(
    'of %i s is logged at the start and shown by /readyz, which stays 200',
    async (seconds) => {
      const clock = () => new Date(Date.now() + seconds * 1000);
      const { status, body, warnings } = await readyWith(() =>
        measureClockDifference(app.database, clock),
      );
      expect({ status, body }).toEqual({
        status: 200,
        body: { status: 'ok', clockDifferenceSeconds: seconds },
      });
      expect(warnings).toMatchObject([{ clockDifferenceSeconds: seconds }]);
    },
  );

  test.each([-5, 0, 5])('of %i s is neither logged nor shown', async (seconds) => {
    expect(await readyWith(async () => seconds)).toEqual({
      status: 200,
      body: { status: 'ok' },
      warnings: [],
    });
  });

  test('is measured again every five minutes until the server stops', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const log = { warn: vi.fn(), info: vi.fn() };
      const differences = [0, 7.4, -300, 0];
      let measured = 0;
      const seen: (number | null)[] = [];
      const onMeasured = (seconds: number | null) => void seen.push(seconds);
      const stop = await startClockWatch(async () => differences[measured++] ?? 0, {
        log,
        onMeasured,
      });
      expect(seen).toEqual([null]);
      await vi.advanceTimersByTimeAsync(15 * 60 * 1000);
      expect(seen).toEqual([null, 7, -300, null]);
      expect(log.warn.mock.calls.map(([entry]) => entry)).toEqual([
        { clockDifferenceSeconds: 7 },
        { clockDifferenceSeconds: -300 },
      ]);
      expect(log.info.mock.calls).toEqual([
        ['the clocks of this machine and of the database agree again'],
      ]);
      await stop();
      expect(vi.getTimerCount()).toBe(0);
      expect(measured).toBe(4);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that cannot be measured is logged, and the last measured value stays', async () => {
    const { status, body, warnings } = await readyWith(() =>
      Promise.reject(new Error('no answer')),
    );
    expect({ status, body }).toEqual({ status: 200, body: { status: 'ok' } });
    expect(warnings).toMatchObject([{ msg: 'the clock could not be compared' }]);
  });
});
