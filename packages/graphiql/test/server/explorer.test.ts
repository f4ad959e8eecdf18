import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../../src/user/table.ts';
import { register } from '../../../../test/support/account.ts';
import { password } from '../../../../test/support/app.ts';
import { hasBrowser, whyWithoutBrowser } from '../../../../test/support/browser.ts';
import { createStage, type Stage, type Visitor } from '../support/visitor.ts';

const name = `in a browser, the explorer${hasBrowser ? '' : ` (${whyWithoutBrowser})`}`;

// One story: each test goes on where the one before it ended.
describe.skipIf(!hasBrowser)(name, () => {
  let stage: Stage;
  let visitor: Visitor;
  beforeAll(async () => {
    stage = await createStage();
    visitor = await stage.visit();
  }, 120_000);
  afterAll(() => stage.close());

  test('shows on a first visit the anonymous account and the first steps, and sends requests to its own server alone', async () => {
    const { page } = visitor;
    await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
    expect(await page.locator('.graphiql-tab-button').allInnerTexts()).toEqual([
      'ForEverybody',
      'WithOrWithoutToken',
      'ForUsers',
      'WithFreshPassword',
      'ForAdministrators',
    ]);
    expect(new Set(stage.asked.map(({ url }) => url.host))).toEqual(
      new Set([new URL(stage.url).host]),
    );
    await visitor.takePicture('first-visit');
  });

  test('refuses an operation before it is sent, makes an account, and sends the operation as that account', async () => {
    const { page } = visitor;
    await visitor.run('{ me { username } }');
    await visitor.sees('TOKEN_MISSING');
    await page.getByText('no token was sent').first().waitFor();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'ada' }).waitFor();
    await visitor.run('{ me { username } }');
    await visitor.sees('"ada"');
    await visitor.takePicture('signed-in');
  });

  test('asks for the password when the token is stale, and creates the item', async () => {
    await visitor.passTime(400_000);
    await visitor.run('mutation { createItem(name: "chair", price: 4.5) { name } }');
    const dialog = visitor.page.getByRole('dialog');
    await dialog.getByLabel('Password').fill('a wrong password');
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    expect(await visitor.violations()).toEqual([]);
    await visitor.takePicture('confirm-the-password');
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
    await visitor.sees('"chair"');
  });

  test('shows before a run the fields that a user may not read and an administrator may', async () => {
    const { page } = visitor;
    const { username } = await register(stage.app);
    await stage.app.database
      .update(users)
      .set({ isAdmin: true })
      .where(eq(users.username, username));
    await page.getByRole('button', { name: '+ Account' }).click();
    await page.getByRole('button', { name: 'Sign in' }).first().click();
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.locator('form.card button.main').click();
    await page.getByRole('heading', { name: username }).waitFor();
    await page.getByRole('button', { name: 'Show Access' }).click();
    await visitor.write('{\n  serverTime\n  me {\n    username\n    active\n  }\n}');
    await page.locator('.verdict').filter({ hasText: 'with every field' }).waitFor();
    await page.locator('.account-bar').getByRole('button', { name: /^ada/ }).click();
    await page.locator('.verdict').filter({ hasText: 'without the fields' }).waitFor();
    await page.locator('.mark-refused').waitFor();
    await page.keyboard.press('ControlOrMeta+Enter');
    await visitor.sees('ADMIN_REQUIRED');
    expect(await visitor.violations()).toEqual([]);
    await visitor.takePicture('access');
  });

  test('shows in its documentation what each field requires', async () => {
    const { page } = visitor;
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const documentation = page.locator('.graphiql-doc-explorer');
    await documentation.getByRole('link', { name: 'Query' }).first().waitFor();
    expect(await visitor.violations()).toEqual([]);
    await documentation.getByRole('link', { name: 'Query' }).first().click();
    await documentation.getByText('Requires: an administrator').first().waitFor();
    await visitor.takePicture('documentation');
  });

  test('signs out, and is signed out after a reload', async () => {
    const { page } = visitor;
    await page.getByRole('button', { name: 'Show Session' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
  });

  test('leaves no password and no token in storage, address or log', async () => {
    await visitor.run(
      `mutation { login(username: "ada", password: "${password}") { accessToken } }`,
    );
    await visitor.sees('eyJ');
    const readKept = () =>
      visitor.page.evaluate(() => {
        const page = globalThis as unknown as Kept;
        const { localStorage, sessionStorage, location, document } = page;
        return JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          location.href,
          document.cookie,
        ]);
      });
    await expect.poll(readKept).toContain('login(username');
    const asked = stage.asked.map(({ url }) => url.href).join();
    const all = (await readKept()) + stage.app.logLines.join() + asked;
    expect(all).not.toContain(password);
    expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });

  test('works behind a path and a proxy', async () => {
    const { port } = stage.app.http.server.address() as AddressInfo;
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
    const url = `http://localhost:${outside}/behind/here/graphql`;
    const behind = await stage.visit({ url });
    await behind.run('{ serverTime }');
    await behind.sees('serverTime');
    await new Promise((resolve) => {
      proxy.close(resolve);
      proxy.closeAllConnections();
    });
  });

  test('has had no error of its own', () => {
    expect(stage.problems).toEqual([]);
  });
});

/** Where a page can leave something behind. */
interface Kept {
  readonly localStorage: object;
  readonly sessionStorage: object;
  readonly location: { readonly href: string };
  readonly document: { readonly cookie: string };
}
