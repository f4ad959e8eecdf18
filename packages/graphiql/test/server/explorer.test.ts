import { readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../../src/user/table.ts';
import { register } from '../../../../test/support/account.ts';
import { password, startApp, type TestApp } from '../../../../test/support/app.ts';
import { hasBrowser, startBrowser, whyWithoutBrowser } from '../../../../test/support/browser.ts';

const name = `in a browser, the explorer${hasBrowser ? '' : ` (${whyWithoutBrowser})`}`;

describe.skipIf(!hasBrowser)(name, () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  let url: string;
  const asked: { page: Page; url: URL; bytes: number }[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    app = await startApp();
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    url = `http://localhost:${(app.http.server.address() as AddressInfo).port}/graphql`;
    browser = await startBrowser();
    page = await open(url);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await app.close();
  });

  const editorOf = (of: Page) => of.locator('.graphiql-query-editor .view-line').first();

  async function open(
    address: string,
    prepare: ((opened: Page) => Promise<void>) | null = null,
  ): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const opened = await context.newPage();
    opened.setDefaultTimeout(10_000);
    opened.on('pageerror', (error) => problems.push(error.message));
    opened.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    opened.on('response', (response) => {
      const bytes = Number(response.headers()['content-length'] ?? 0);
      asked.push({ page: opened, url: new URL(response.url()), bytes });
    });
    await opened.addInitScript(shiftClock, app.clock.now.getTime());
    await prepare?.(opened);
    await opened.goto(address);
    if (!prepare) await editorOf(opened).waitFor();
    return opened;
  }

  async function write(query: string): Promise<void> {
    await page.locator('.graphiql-query-editor .view-lines').first().click();
    await page.keyboard.press('ControlOrMeta+A');
    // Typed letter by letter, the editor would complete it.
    await page.evaluate(
      (text) => (globalThis as unknown as Window).navigator.clipboard.writeText(text),
      query,
    );
    await page.keyboard.press('ControlOrMeta+V');
  }

  async function run(query: string): Promise<void> {
    await write(query);
    await page.keyboard.press('ControlOrMeta+Enter');
  }

  let n = 0;
  afterEach(async () => {
    await page.screenshot({ path: `/tmp/pics/t${++n}.png` });
  });
  const answer = () => page.locator('.graphiql-response .view-lines');
  const shows = (text: string) => answer().filter({ hasText: text }).waitFor();

  test('asks nobody but its server', () => {
    expect(new Set(asked.map((one) => one.url.host))).toEqual(new Set([new URL(url).host]));
  });

  test('takes the first strokes when it has loaded less than 700 KB, and the editor goes on with them', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const typing = await open(url, async (opened) => {
      await opened.route(/\/page\/(monaco-editor|lite)-/, async (route) => {
        await held;
        await route.continue();
      });
    });
    await typing.getByLabel('Operation', { exact: true }).click();
    await typing.keyboard.press('ControlOrMeta+A');
    await typing.keyboard.type('{ serverTime');
    const bytes = asked.reduce((sum, one) => sum + (one.page === typing ? one.bytes : 0), 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(700_000);
    letGo();
    await editorOf(typing).waitFor();
    await typing.keyboard.type(' }');
    await typing.keyboard.press('ControlOrMeta+Enter');
    await typing.locator('.graphiql-response .view-lines').filter({ hasText: '2030' }).waitFor();
    await typing.context().close();
  });

  test('refuses before it asks, makes an account, and asks as that', async () => {
    await run('{ me { username } }');
    await shows('TOKEN_MISSING');
    await page.getByText('no token was sent').first().waitFor();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'ada' }).waitFor();
    await run('{ me { username } }');
    await shows('"ada"');
  });

  test('asks for the password when the token has gone stale, and creates the item', async () => {
    app.clock.now = new Date(app.clock.now.getTime() + 400_000);
    await page.evaluate(() => (globalThis as unknown as Window).passTime(400_000));
    await run('mutation { createItem(name: "chair", price: 4.5) { name } }');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password').fill('a wrong password');
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
    await shows('"chair"');
  });

  test('says before it is run what a user may not, and that an administrator may', async () => {
    const { username } = await register(app);
    await app.database.update(users).set({ isAdmin: true }).where(eq(users.username, username));
    await page.getByRole('button', { name: '+ Account' }).click();
    await page.getByRole('button', { name: 'Sign in' }).first().click();
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.locator('form.card button.main').click();
    await page.getByRole('heading', { name: username }).waitFor();
    await page.getByRole('button', { name: 'Show Access' }).click();
    await write('{ me { username active } }');
    await page.locator('.verdict').filter({ hasText: 'with every field' }).waitFor();
    await page.locator('.account-bar').getByRole('button', { name: /^ada/ }).click();
    await page.locator('.verdict').filter({ hasText: 'without the fields' }).waitFor();
    await page.locator('.mark-refused').waitFor();
    await run('{ me { username active } }');
    await shows('ADMIN_REQUIRED');
  });

  test('is accessible, in light and in dark, on a phone too', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    // The page runs nothing but its own files, so that the tool goes in by the debugger.
    await page.evaluate(axe);
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: Violation[] }> };
        };
        const { violations } = await axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join()}`);
      });
      expect(found).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('signs out, and nobody is signed in after a reload', async () => {
    await page.getByRole('button', { name: 'Show Session' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
  });

  test('leaves no password and no token in storage, address or log', async () => {
    await run(`mutation { login(username: "ada", password: "${password}") { accessToken } }`);
    await shows('eyJ');
    const readKept = () =>
      page.evaluate(() => {
        const { localStorage, sessionStorage, location, document } =
          globalThis as unknown as Window;
        return JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          location.href,
          document.cookie,
        ]);
      });
    await expect.poll(readKept, { timeout: 10_000 }).toContain('login(username');
    const all = (await readKept()) + app.logLines.join() + asked.map((one) => one.url.href).join();
    expect(all).not.toContain(password);
    expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });

  test('works behind a path and a proxy', async () => {
    const { port } = app.http.server.address() as AddressInfo;
    const proxy = createServer((incoming, outgoing) => {
      const path = (incoming.url ?? '').replace(/^\/behind\/here/, '');
      const { method, headers } = incoming;
      const onward = ask({ port, path, method, headers }, (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port: outside } = proxy.address() as AddressInfo;
    const before = page;
    page = await open(`http://localhost:${outside}/behind/here/graphql`);
    await run('{ serverTime }');
    await shows('serverTime');
    page = before;
    await new Promise((resolve) => {
      proxy.close(resolve);
      proxy.closeAllConnections();
    });
  });

  test('has met no error of its own', () => {
    expect(problems.filter((text) => !/status of 4|status of 5/.test(text))).toEqual([]);
  });
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
interface Window {
  passTime(milliseconds: number): void;
  readonly navigator: { readonly clipboard: { writeText(text: string): Promise<void> } };
  readonly localStorage: object;
  readonly sessionStorage: object;
  readonly location: { readonly href: string };
  readonly document: { readonly cookie: string };
}

// Not the clock of the browser's driver, which replaces what the editor measures itself by.
function shiftClock(start: number): void {
  const realNow = Date.now;
  let difference = start - realNow();
  globalThis.Date = class extends Date {
    static override now = () => realNow() + difference;
    constructor(...given: []) {
      super(...(given.length > 0 ? given : ([realNow() + difference] as unknown as [])));
    }
  } as DateConstructor;
  Object.assign(globalThis, {
    passTime(milliseconds: number) {
      difference += milliseconds;
    },
  });
}
