import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import {
  createGate,
  isSignedIn,
  openTabs,
  password,
  type Service,
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

describe('a sign-out in one tab', () => {
  test('signs out the others, and calls their listeners', async () => {
    const { tabs, browser } = openTabs(service, 3);
    await signUp(tabs[0], service);
    await tabs[0].session.signOut();
    expect(tabs.map(isSignedIn)).toEqual([false, false, false]);
    expect(tabs.map(({ ends }) => ends)).toEqual([[], [null], [null]]);
    expect(browser.value).not.toContain('eyJ');
  });

  test('is not undone by a refresh that was under way in another', async () => {
    const { tabs, browser } = openTabs(service, 2);
    const [tab, other] = tabs;
    await signUp(tab, service);
    service.app.clock.advance(1000);
    const { gate, open: answer } = createGate();
    service.wire.plan('refresh', { after: gate });
    const asking = other.ask(me);
    await eventually(() => expect(service.wire.passages[0]?.ran).toBe(true));
    await tab.session.signOut();
    answer();
    expect((await asking).errors).toMatchObject([{ extensions: { reason: 'TOKEN_MISSING' } }]);
    expect(tabs.map(isSignedIn)).toEqual([false, false]);
    expect(browser.value).not.toContain('eyJ');
    expect(other.ends).toEqual([null]);
  });

  test('reaches a frozen tab with the next refusal of the server', async () => {
    const { tabs } = openTabs(service, 2);
    const [tab, frozen] = tabs;
    await signUp(tab, service);
    frozen.freeze();
    await tab.session.signOut();
    service.wire.forget();
    const { errors } = await frozen.ask('mutation { logoutEverywhere }');
    expect(errors).toMatchObject([{ extensions: { reason: 'TOKEN_REVOKED' } }]);
    expect(service.wire.count('refresh')).toBe(0);
    expect(isSignedIn(frozen)).toBe(false);
  });
});

describe('a sign-in of another user in another tab', () => {
  test('signs all tabs in as that user', async () => {
    const { tabs } = openTabs(service, 2);
    const [tab, other] = tabs;
    await signUp(tab, service);
    const second = await signUp(other, service);
    expect((await tab.ask(me)).data).toEqual({ me: { username: second } });
    expect([tab.ends, other.ends]).toEqual([[], []]);
  });

  test('ends the session of the first user on the server', async () => {
    const { tabs } = openTabs(service, 2);
    const [tab, other] = tabs;
    await signUp(tab, service);
    const token = await tab.session.accessToken();
    await signUp(other, service);
    const { errors } = await service.app.ask(me, { token: token ?? '' });
    expect(errors).toMatchObject([{ extensions: { reason: 'TOKEN_REVOKED' } }]);
  });

  test('never runs a mutation of the first user as the second', async () => {
    const { tabs } = openTabs(service, 2);
    const [tab, other] = tabs;
    await signUp(tab, service);
    const { gate, open: go } = createGate();
    service.wire.plan('logoutEverywhere', { before: gate });
    const sending = tab.ask('mutation { logoutEverywhere }');
    await eventually(() => expect(service.wire.count('logoutEverywhere')).toBe(1));
    await signUp(other, service);
    go();
    expect((await sending).errors).toMatchObject([{ extensions: { reason: 'TOKEN_REVOKED' } }]);
    expect((await other.ask(me)).errors).toBeUndefined();
  });

  test('does not send a mutation that waited for the refresh of the first user', async () => {
    const { tabs } = openTabs(service, 2);
    const [tab, other] = tabs;
    await signUp(tab, service);
    service.app.clock.advance(1000);
    const { gate, open: answer } = createGate();
    service.wire.plan('refresh', { after: gate });
    const sending = tab.ask('mutation { logoutEverywhere }');
    await eventually(() => expect(service.wire.count('refresh')).toBe(1));
    await other.session.register({
      username: `user-${randomUUID()}`,
      password,
    });
    answer();
    await expect(sending).rejects.toMatchObject({ name: 'SessionError' });
    expect(service.wire.count('logoutEverywhere')).toBe(0);
  });

  test('does not show the answers of the first user', async () => {
    const { tabs } = openTabs(service, 2);
    const [tab, other] = tabs;
    await signUp(tab, service);
    const { gate, open: answer } = createGate();
    service.wire.plan('me', { after: gate });
    const asking = tab.ask(me);
    await eventually(() => expect(service.wire.passages[0]?.ran).toBe(true));
    const second = await signUp(other, service);
    answer();
    expect((await asking).data).toEqual({ me: { username: second } });
  });
});
