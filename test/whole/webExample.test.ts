import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { password, startApp, type TestApp } from '../support/app.ts';
import { hasBrowser, startBrowser, whyWithoutBrowser } from '../support/browser.ts';
import { root, run } from '../support/checkout.ts';
import { serveBuilt } from '../support/serveBuilt.ts';

const name = `in a browser, examples/web${hasBrowser ? '' : ` (${whyWithoutBrowser})`}`;

// One story: each test goes on where the one before it ended.
describe.skipIf(!hasBrowser)(name, () => {
  let app: TestApp;
  let browser: Browser;
  let built: string;
  let served: Awaited<ReturnType<typeof serveBuilt>>;
  let page: Page;
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'sallyport-web-'));
    await run(join(root, 'examples/web'), 'npx', 'vite', 'build', '--outDir', built);
    app = await startApp();
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    served = await serveBuilt(built, (app.http.server.address() as AddressInfo).port);
    browser = await startBrowser();
    page = await visit();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await served.close();
    await app.close();
    await rm(built, { recursive: true });
  });

  async function visit(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 800, height: 900 } });
    const opened = await context.newPage();
    opened.setDefaultTimeout(15_000);
    await opened.goto(served.url);
    await opened.getByRole('heading', { name: 'Sign in' }).waitFor();
    return opened;
  }

  async function fillIn(opened: Page, button: string): Promise<void> {
    await opened.getByLabel('Username').fill('ada');
    await opened.getByRole('main').getByLabel('Password').fill(password);
    await opened.getByRole('button', { name: button, exact: true }).click();
    await opened.getByRole('heading', { name: 'Your devices' }).waitFor();
  }

  async function add(opened: Page, item: string, price: string): Promise<void> {
    await opened.getByLabel('Name', { exact: true }).fill(item);
    await opened.getByLabel('Price').fill(price);
    await opened.getByRole('button', { name: 'Add' }).click();
  }

  async function takePicture(of: string): Promise<void> {
    const { PICTURES: directory } = process.env;
    if (directory) await page.screenshot({ path: join(directory, `${of}.png`), caret: 'hide' });
  }

  test('makes an account, and adds an item with the password that was just entered', async () => {
    await page.getByText('Nothing yet.').waitFor();
    await page.getByRole('button', { name: 'I am new here' }).click();
    await fillIn(page, 'Make it');
    await add(page, 'chair', '4.5');
    await page.getByText('4.50').waitFor();
  });

  test('asks for the password when that is too long ago, again when it is wrong, and adds the item', async () => {
    app.clock.now = new Date(app.clock.now.getTime() + 400_000);
    await add(page, 'table', '12');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password').fill('not the password');
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.getByText('Wrong username or password.').waitFor();
    await takePicture('web-password');
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('12.00').waitFor();
  });

  test('adds no item when the password is not entered', async () => {
    app.clock.now = new Date(app.clock.now.getTime() + 400_000);
    await add(page, 'bed', '100');
    await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
    await page.getByText('Nothing was made: it needs your password.').waitFor();
    expect(await page.getByText('bed').count()).toBe(0);
  });

  test('is still signed in after a reload, with a token that has expired meanwhile', async () => {
    app.clock.now = new Date(app.clock.now.getTime() + 1_000_000);
    await page.reload();
    await page.getByRole('heading', { name: 'Your devices' }).waitFor();
    await page.getByText('4.50').waitFor();
    await takePicture('web-items');
  });

  test('shows another device, and ends it', async () => {
    const other = await visit();
    await fillIn(other, 'Sign in');
    await page.reload();
    await page.getByText('Last used').waitFor();
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('Last used').waitFor({ state: 'detached' });
    await other.reload();
    await other.getByText('Your session has ended.').waitFor();
    // The anonymous see the names, and no price.
    await other.getByText('chair').waitFor();
    expect(await other.getByText('4.50').count()).toBe(0);
  });

  test('signs out everywhere', async () => {
    const other = await visit();
    await fillIn(other, 'Sign in');
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('signs out when another tab does', async () => {
    await fillIn(page, 'Sign in');
    const tab = await page.context().newPage();
    await tab.goto(served.url);
    await tab.getByRole('heading', { name: 'Your devices' }).waitFor();
    await tab.getByRole('button', { name: 'Sign out', exact: true }).click();
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
