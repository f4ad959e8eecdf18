import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { browserLocks } from '../support/locks.ts';
import {
  createGate,
  createItem,
  isSignedIn,
  itemName,
  makeStale,
  openTab,
  openTabs,
  password,
  type Service,
  sharedStorage,
  signUp,
  startService,
} from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => service.wire.forget());
afterEach(() => vi.unstubAllGlobals());
afterAll(() => service.close());

const me = '{ me { username } }';

describe.each([
  ['with locks', browserLocks],
  ['without locks', () => undefined],
])('%s', (_name, locks) => {
  beforeEach(() => vi.stubGlobal('navigator', { locks: locks() }));

  test.each([2, 3])(
    '%i tabs with an expired token continue with one pair of tokens',
    async (count) => {
      const { tabs } = openTabs(service, count);
      await signUp(tabs[0], service);
      expect(tabs.map(isSignedIn)).toEqual(tabs.map(() => true));
      for (let round = 0; round < 3; round++) {
        service.app.clock.advance(1000);
        service.wire.forget();
        const answers = await Promise.all(tabs.map((tab) => tab.ask(me)));
        expect(answers.map(({ errors }) => errors)).toEqual(tabs.map(() => undefined));
        if (locks()) expect(service.wire.count('refresh')).toBe(1);
        expect(service.wire.count('refresh')).toBeLessThanOrEqual(count);
        const tokens = await Promise.all(tabs.map(({ session }) => session.accessToken()));
        expect(new Set(tokens).size).toBe(1);
      }
      expect(tabs.map(({ ends }) => ends)).toEqual(tabs.map(() => []));
    },
  );

  test('a tab that was frozen for a day continues with the tokens of the others', async () => {
    const { tabs } = openTabs(service, 2);
    const [awake, frozen] = tabs;
    await signUp(awake, service);
    frozen.freeze();
    for (let hour = 0; hour < 24; hour++) {
      service.app.clock.advance(3600);
      await awake.ask(me);
    }
    service.wire.forget();
    expect((await frozen.ask(me)).errors).toBeUndefined();
    expect(service.wire.count('refresh')).toBe(0);
    frozen.thaw();
    expect((await awake.ask(me)).errors).toBeUndefined();
    expect([awake.ends, frozen.ends]).toEqual([[], []]);
  });

  test('a tab that froze during its refresh drops the old answer when it wakes up', async () => {
    const { tabs } = openTabs(service, 2);
    const [awake, frozen] = tabs;
    await signUp(awake, service);
    service.app.clock.advance(1000);
    const { gate, open: wake } = createGate();
    service.wire.plan('refresh', { after: gate });
    const late = frozen.ask(me);
    await eventually(() => expect(service.wire.passages[0]?.ran).toBe(true));
    for (let hour = 0; hour < 5; hour++) {
      service.app.clock.advance(3600);
      const asking = awake.ask(me);
      // The frozen tab may hold the lock: the one that is awake loses its patience.
      if (locks()) {
        await eventually(() => expect(awake.clock.alarms).toBe(1));
        awake.clock.ringAll();
      }
      expect((await asking).errors).toBeUndefined();
    }
    const token = await awake.session.accessToken();
    wake();
    expect((await late).errors).toBeUndefined();
    expect(await frozen.session.accessToken()).toBe(token);
    expect(await awake.session.accessToken()).toBe(token);
    expect([awake.ends, frozen.ends]).toEqual([[], []]);
  });
});

test('a frozen tab that holds the lock delays other tabs by the time-out at most', async () => {
  const locks = browserLocks();
  vi.stubGlobal('navigator', { locks });
  const { tabs } = openTabs(service, 1);
  const [tab] = tabs;
  await signUp(tab, service);
  const { gate, open } = createGate();
  const { signal } = new AbortController();
  const holding = locks.request('test', { signal }, () => gate);
  service.app.clock.advance(1000);
  const asking = tab.ask(me);
  await new Promise((resolve) => setImmediate(resolve));
  expect(service.wire.passages).toEqual([]);
  tab.clock.ringAll();
  expect((await asking).errors).toBeUndefined();
  open();
  await holding;
});

test('two tabs repeat a refresh whose answer was lost, the second after the first has used its tokens', async () => {
  const { tabs } = openTabs(service, 2);
  const [tab, other] = tabs;
  await signUp(tab, service);
  service.app.clock.advance(1000);
  service.wire.plan('refresh', 'cutAfter', 'cutAfter');
  await expect(tab.ask(me)).rejects.toThrow(TypeError);
  service.app.clock.advance(60);
  const { gate, open: arrive } = createGate();
  service.wire.plan('refresh', { before: gate });
  const late = other.ask(me);
  await eventually(() => expect(service.wire.count('refresh')).toBe(3));
  expect((await tab.ask(me)).errors).toBeUndefined();
  arrive();
  expect((await late).errors).toBeUndefined();
  expect([tab.ends, other.ends]).toEqual([[], []]);
});

test('a refresh that the server handles after a confirmation does not undo the confirmation', async () => {
  const { tabs } = openTabs(service, 2);
  const [tab, other] = tabs;
  await signUp(tab, service);
  await makeStale(tab, service);
  other.clock.offsetSeconds = 890;
  const { gate: sent, open: arrive } = createGate();
  const { gate: confirmed, open: answer } = createGate();
  service.wire.plan('refresh', { before: sent });
  service.wire.plan('freshLogin', { after: confirmed });
  const refreshing = other.session.accessToken();
  await eventually(() => expect(service.wire.count('refresh')).toBe(1));
  const confirming = tab.session.freshen(password);
  await eventually(() => expect(service.wire.passages[1]?.ran).toBe(true));
  arrive();
  await refreshing;
  answer();
  await confirming;
  expect(tabs.map(({ session }) => session.state)).toMatchObject([
    { fresh: true },
    { fresh: true },
  ]);
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(tab.questions).toEqual([]);
  service.app.clock.advance(1000);
  expect((await other.ask(me)).errors).toBeUndefined();
  service.app.clock.advance(1000);
  expect((await tab.ask(me)).errors).toBeUndefined();
  expect([tab.ends, other.ends]).toEqual([[], []]);
});

test('two tabs that confirm the password at the same time continue with one pair of tokens, in any order of the answers', async () => {
  const { tabs } = openTabs(service, 2);
  const [tab, other] = tabs;
  await signUp(tab, service);
  await makeStale(tab, service);
  const { gate, open: answer } = createGate();
  service.wire.plan('freshLogin', { after: gate });
  const slow = tab.session.freshen(password);
  await eventually(() => expect(service.wire.passages[0]?.ran).toBe(true));
  await other.session.freshen(password);
  await other.ask(me);
  answer();
  await slow;
  expect(await tab.session.accessToken()).toBe(await other.session.accessToken());
  service.app.clock.advance(1000);
  expect((await tab.ask(me)).errors).toBeUndefined();
  expect([tab.ends, other.ends]).toEqual([[], []]);
});

test('a page opened later is signed in by the stored tokens, and not by garbage in the storage', async () => {
  const browser = sharedStorage();
  const first = openTab(service, { storage: browser.openTab().storage });
  await signUp(first, service);
  const later = openTab(service, { storage: browser.openTab().storage });
  expect(later.session.state).toEqual(first.session.state);
  for (const garbage of ['', 'null', '{}', '[]', '{"accessToken":1}', 'no json', '"text"']) {
    browser.value = garbage;
    const { session } = openTab(service, { storage: browser.openTab().storage });
    expect(session.state).toEqual({ status: 'signedOut', endReason: null });
  }
});
