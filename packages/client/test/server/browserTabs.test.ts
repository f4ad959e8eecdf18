import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { password } from '../../../../test/support/app.ts';
import { openBrowser } from '../../../../test/support/browser.ts';
import { createPostgresDatabase, onPostgres } from '../../../../test/support/database.ts';
import { longRunsOnce } from '../../../../test/support/longRuns.ts';
import {
  copyDataDir,
  killProcesses,
  type ServerProcess,
  startProcess,
} from '../../../../test/support/process.ts';
import type {
  AuthErrorReason,
  createSession,
  localStorageStorage,
  Session,
} from '../../src/index.ts';

// Real tabs, a real localStorage with its events, real locks, and the server as a process of its own, in real time.

const accessSeconds = 5;

let directory: string;
let server: ServerProcess;
let removeDatabase = async () => {};
let pages: Server;
let home: string;
let kit: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-tabs-'));
  pages = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>'),
  );
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  home = `http://localhost:${(pages.address() as AddressInfo).port}`;
  let place: Record<string, string> = { DATA_DIR: copyDataDir(join(directory, 'data')) };
  if (onPostgres) {
    const { databaseUrl, remove } = await createPostgresDatabase();
    removeDatabase = remove;
    place = { ...place, DATABASE_URL: databaseUrl };
  }
  server = await startProcess({
    ...place,
    CORS_ORIGINS: home,
    JWT_ACCESS_TOKEN_EXPIRES: String(accessSeconds),
    JWT_LEEWAY: '0',
    RATE_LIMIT_REGISTER: '0',
    RATE_LIMIT_SIGN_IN: '0',
  });
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kit',
  });
  kit = bundle.outputFiles[0]?.text ?? '';
});
afterAll(async () => {
  await server?.end('SIGTERM');
  killProcesses();
  await removeDatabase();
  await new Promise((resolve) => pages.close(resolve));
  rmSync(directory, { recursive: true });
});

/** What a page of the tests has besides its own. */
interface PageGlobals {
  readonly kit: {
    readonly createSession: typeof createSession;
    readonly localStorageStorage: typeof localStorageStorage;
  };
  session: Session;
  ends: (AuthErrorReason | null)[];
}

interface Tab {
  readonly page: Page;
  /** How many refreshes it has sent. */
  refreshes: number;
}

async function openTab(person: BrowserContext): Promise<Tab> {
  const page = await person.newPage();
  const tab: Tab = { page, refreshes: 0 };
  page.on('request', (request) => {
    if (request.postData()?.includes('result:refresh')) tab.refreshes++;
  });
  await page.goto(home);
  await page.addScriptTag({ content: kit });
  await page.evaluate((url) => {
    const globals = globalThis as unknown as PageGlobals;
    const { createSession, localStorageStorage } = globals.kit;
    globals.ends = [];
    globals.session = createSession({
      url,
      storage: localStorageStorage(),
      onEnd: (reason) => void globals.ends.push(reason),
    });
  }, server.url);
  return tab;
}

/** Opens so many tabs of one new person, who registers in the first of them. */
async function openTabs(
  context: TestContext,
  { count, hasLocks = true }: { count: number; hasLocks?: boolean },
): Promise<{ tabs: Tab[]; username: string; person: BrowserContext }> {
  const browser = await openBrowser(context);
  const person = await browser.newContext();
  if (!hasLocks) {
    await person.addInitScript('Object.defineProperty(navigator, "locks", { value: undefined })');
  }
  const tabs: Tab[] = [];
  for (let index = 0; index < count; index++) tabs.push(await openTab(person));
  return { tabs, person, username: await register(tabs[0] as Tab) };
}

let people = 0;
async function register({ page }: Tab): Promise<string> {
  const username = `person-${++people}`;
  await page.evaluate(
    (account) => (globalThis as unknown as PageGlobals).session.register(account),
    { username, password },
  );
  return username;
}

/** Asks in a tab so many times at once who is signed in: the different answers. */
function ask({ page }: Tab, times: number): Promise<string[]> {
  return page.evaluate(
    async ({ url, times }) => {
      const { session } = globalThis as unknown as PageGlobals;
      const one = async (): Promise<string> => {
        const response = await session.fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ me { username } }' }),
        });
        const { data, errors } = await response.json();
        return data?.me?.username ?? errors[0].extensions.reason;
      };
      return [...new Set(await Promise.all(Array.from({ length: times }, one)))];
    },
    { url: server.url, times },
  );
}

const stateOf = ({ page }: Tab) =>
  page.evaluate(() => (globalThis as unknown as PageGlobals).session.state);
const endsOf = ({ page }: Tab) => page.evaluate(() => (globalThis as unknown as PageGlobals).ends);
const untilExpired = ({ page }: Tab) => page.waitForTimeout(accessSeconds * 1000 + 200);

const some: [number, boolean][] = [
  [3, true],
  [2, false],
];
const all: [number, boolean][] = [...some, [2, true], [3, false]];

describe.each(longRunsOnce ? all : some)('%i tabs of a browser, locks: %s', (count, hasLocks) => {
  test('with an expired token and 50 queries refresh at most once each, and all queries are answered', async (context) => {
    const { tabs, username } = await openTabs(context, { count, hasLocks });
    await untilExpired(tabs[0] as Tab);
    const answers = await Promise.all(tabs.map((tab) => ask(tab, 50)));
    expect(answers).toEqual(tabs.map(() => [username]));
    const refreshes = tabs.map((tab) => tab.refreshes);
    // A tab may ask before it has heard of the answer to another, with locks too: what one tab has written to
    // localStorage reaches the processes of the others a little later.
    expect(Math.max(...refreshes)).toBe(1);
    expect(await Promise.all(tabs.map(endsOf))).toEqual(tabs.map(() => []));
  });

  test('show the next user and the sign-out without a request', async (context) => {
    const { tabs } = await openTabs(context, { count, hasLocks });
    const [first, ...others] = tabs as [Tab, ...Tab[]];
    const before = await stateOf(first);
    for (const tab of others) await expect.poll(() => stateOf(tab)).toEqual(before);
    await register(first);
    const next = await stateOf(first);
    expect(next).not.toEqual(before);
    for (const tab of others) await expect.poll(() => stateOf(tab)).toEqual(next);
    await first.page.evaluate(() => (globalThis as unknown as PageGlobals).session.signOut());
    for (const tab of others) {
      await expect.poll(() => stateOf(tab)).toEqual({ status: 'signedOut', endReason: null });
      expect(await endsOf(tab)).toEqual([null]);
    }
    expect(tabs.map(({ refreshes }) => refreshes)).toEqual(tabs.map(() => 0));
  });
});

test.runIf(longRunsOnce)(
  'a tab that froze with the lock holds up the others for seconds alone, and goes on with what they have',
  async (context) => {
    const { tabs, username, person } = await openTabs(context, { count: 2 });
    const [frozen, other] = tabs as [Tab, Tab];
    await frozen.page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          void navigator.locks.request('sallyport', () => {
            resolve();
            return new Promise(() => {});
          });
        }),
    );
    const lifecycle = await person.newCDPSession(frozen.page);
    await lifecycle.send('Page.setWebLifecycleState', { state: 'frozen' });
    // A generation of this age is given up for the next.
    await other.page.waitForTimeout(10_500);
    expect(await ask(other, 50)).toEqual([username]);
    expect(other.refreshes).toBe(1);
    // It went on without the lock, which the frozen tab has to this moment.
    const held = await other.page.evaluate(async () => (await navigator.locks.query()).held ?? []);
    expect(held.map(({ name }) => name)).toContain('sallyport');
    await lifecycle.send('Page.setWebLifecycleState', { state: 'active' });
    const heldToken = () =>
      frozen.page.evaluate(() => (globalThis as unknown as PageGlobals).session.accessToken());
    expect(await heldToken()).toEqual(expect.any(String));
    expect(await ask(frozen, 50)).toEqual([username]);
    expect([await endsOf(frozen), await endsOf(other)]).toEqual([[], []]);
  },
);
