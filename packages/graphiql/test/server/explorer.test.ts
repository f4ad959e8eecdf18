import { readFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { eq } from 'drizzle-orm';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../../src/user/table.ts';
import { register } from '../../../../test/support/account.ts';
import { password, startApp, type TestApp } from '../../../../test/support/app.ts';
import { chromiumPath, startBrowser } from '../../../../test/support/browser.ts';

const name = chromiumPath
  ? 'in a browser, the explorer'
  : 'in a browser, the explorer (skipped: there is no Chromium here)';

describe.skipIf(!chromiumPath)(name, () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  let url: string;
  const asked: { host: string; url: string; bytes: number }[] = [];
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

  async function open(address: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const opened = await context.newPage();
    opened.setDefaultTimeout(60_000);
    opened.on('pageerror', (error) => problems.push(error.message));
    opened.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    opened.on('response', (response) => {
      const bytes = Number(response.headers()['content-length'] ?? 0);
      asked.push({ host: new URL(response.url()).host, url: response.url(), bytes });
    });
    await opened.clock.install({ time: app.clock.now });
    await opened.goto(address);
    await opened.locator('.graphiql-query-editor .view-line').first().waitFor();
    return opened;
  }

  async function write(query: string): Promise<void> {
    await page.locator('.graphiql-query-editor .view-lines').first().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(query);
  }

  async function run(query: string): Promise<void> {
    await write(query);
    await page.keyboard.press('ControlOrMeta+Enter');
  }

  const answer = () => page.locator('.graphiql-response .view-lines');
  const shows = (text: string) => answer().filter({ hasText: text }).waitFor();

  test('asks nobody but its server, less than 700 KB before one can type', () => {
    expect(new Set(asked.map(({ host }) => host))).toEqual(new Set([new URL(url).host]));
    const bytes = asked.reduce((sum, one) => sum + one.bytes, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(700_000);
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
    await page.clock.fastForward(400_000);
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
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
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
    const kept = await page.evaluate(() => {
      const { localStorage, sessionStorage, location, document } = globalThis as unknown as Window;
      return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.cookie]);
    });
    const all = kept + app.logLines.join() + asked.map((one) => one.url).join();
    expect(all).not.toContain(password);
    expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/);
    expect(kept).toContain('login(username');
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
  readonly localStorage: object;
  readonly sessionStorage: object;
  readonly location: { readonly href: string };
  readonly document: { readonly cookie: string };
}
