import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../../src/user/table.ts';
import { register } from '../../../../test/support/account.ts';
import { password } from '../../../../test/support/app.ts';
import { hasBrowser, whyWithoutBrowser } from '../../../../test/support/browser.ts';
import { createStage, type Stage, type Visitor } from '../support/visitor.ts';

const name = `in a browser, the explorer${hasBrowser ? '' : ` (${whyWithoutBrowser})`}`;

describe.skipIf(!hasBrowser)(name, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage({
      JWT_TOKEN_LOCATION: 'headers,cookies',
      JWT_ACCESS_COOKIE: 'true',
    });
  }, 120_000);
  afterAll(() => stage.close());

  const chip = (page: Page, username: string) =>
    page
      .locator('.account-bar')
      .getByRole('button', { name: new RegExp(`^.?\\s*${username.slice(0, 10)}`) });

  async function signIn({ page }: Visitor, { isAdmin = false } = {}): Promise<string> {
    const { username } = await register(stage.app);
    if (isAdmin) await makeAdmin(username);
    await page.getByRole('button', { name: '+ Account' }).click();
    await page.getByRole('button', { name: 'Sign in' }).first().click();
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.locator('form.card button.main').click();
    await page.getByRole('heading', { name: username }).waitFor();
    return username;
  }

  async function makeAdmin(username: string): Promise<void> {
    await stage.app.database
      .update(users)
      .set({ isAdmin: true })
      .where(eq(users.username, username));
  }

  test('is anonymous with the anonymous account, although a user is signed in by cookies on the same host', async () => {
    const visitor = await stage.visit();
    const { page } = visitor;
    const { username } = await register(stage.app);
    const signedIn = await page.evaluate(
      async ([url = '', query = '']) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-token-location': 'cookies' },
          body: JSON.stringify({ query }),
        });
        return await response.text();
      },
      [stage.url, `mutation { login(username: "${username}", password: "${password}") { fresh } }`],
    );
    expect(signedIn).toContain('"fresh":true');
    const cookies = await page.context().cookies();
    expect(cookies).not.toEqual([]);
    await visitor.run('{ me { username } }');
    await visitor.sees('TOKEN_MISSING');
    await signIn(visitor);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
    expect(await page.context().cookies()).toEqual(cookies);
    await page.context().close();
  });

  test('keeps the chosen account, whatever the server answers later', async () => {
    const visitor = await stage.visit();
    const { page } = visitor;
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('isAdmin')) await held;
      await route.continue();
    });
    await signIn(visitor, { isAdmin: true });
    await chip(page, 'anonymous').click();
    letGo();
    // When it has come, the account has the face of an administrator.
    await page.locator('.account-bar .face.administrator').waitFor();
    expect(await chip(page, 'anonymous').getAttribute('aria-pressed')).toBe('true');
    await page.context().close();
  });

  test('sees that a user has become an administrator when the account is chosen again', async () => {
    const visitor = await stage.visit();
    const { page } = visitor;
    const username = await signIn(visitor);
    await page.getByRole('button', { name: 'Show Access' }).click();
    await visitor.write('{ me { active } }');
    const verdict = page.locator('.verdict');
    await verdict.filter({ hasText: 'without the fields' }).waitFor();
    await makeAdmin(username);
    await chip(page, 'anonymous').click();
    await verdict.filter({ hasText: 'refused whole' }).waitFor();
    await chip(page, username).click();
    await verdict.filter({ hasText: 'with every field' }).waitFor();
    await page.context().close();
  });

  test('judges the operation that Ctrl+Enter runs', async () => {
    const visitor = await stage.visit();
    const { page } = visitor;
    await visitor.write('query A { serverTime }\nquery B { me { id } }');
    await page.getByRole('button', { name: 'Show Access' }).click();
    await page.locator('.graphiql-query-editor textarea.inputarea').focus();
    const verdict = page.locator('.verdict');
    await verdict.filter({ hasText: 'refused whole' }).waitFor();
    await page.keyboard.press('ControlOrMeta+Home');
    await verdict.filter({ hasText: 'with every field' }).waitFor();
    await page.context().close();
  });

  test('opens the dialog again after it was put off, and aborts an operation that was stopped', async () => {
    const visitor = await stage.visit();
    const { page } = visitor;
    const first = await signIn(visitor);
    const second = await signIn(visitor);
    await visitor.passTime(400_000);
    await chip(page, first).click();
    await visitor.run('mutation { createItem(name: "of the first", price: 1) { name } }');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: first }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('more recent than the last one').first().waitFor();
    await page.keyboard.press('ControlOrMeta+Enter');
    await dialog.getByRole('heading', { name: first }).waitFor();
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
    await visitor.sees('"of the first"');
    await chip(page, second).click();
    await visitor.run('mutation { createItem(name: "stopped", price: 1) { name } }');
    await dialog.getByRole('heading', { name: second }).waitFor();
    await page.evaluate(() => {
      const { document } = globalThis as unknown as Clickable;
      document.querySelector('.graphiql-execute-button').click();
    });
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.waitForLoadState('networkidle');
    // The password is confirmed, and nothing is sent for it.
    await visitor.run('{ items(first: 100) { edges { node { name } } } }');
    await visitor.sees('"of the first"');
    expect(await page.locator('.graphiql-response').innerText()).not.toContain('stopped');
    await page.context().close();
  });

  test('says that the user is signed out here alone when the server cannot be reached', async () => {
    const visitor = await stage.visit();
    const { page } = visitor;
    await signIn(visitor);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
    await page.getByRole('alert').filter({ hasText: 'the server could not be told' }).waitFor();
    await page.context().close();
  });

  test.each([
    ['{"errors":[{"message":"boo","extensions":null}]}', 'boo'],
    ['{"errors":[null]}', 'no GraphQL'],
    ['{"errors":"x"}', 'no GraphQL'],
    ['null', 'no GraphQL'],
    ['{"data":', 'no GraphQL'],
  ])('continues to work when the answer is %s', async (body, shown) => {
    const visitor = await stage.visit();
    await visitor.page.route('**/graphql', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ body, contentType: 'application/json' })
        : route.continue(),
    );
    await visitor.run('{ serverTime }');
    await visitor.sees(shown);
    await visitor.page.context().close();
  });

  test('says that the server cannot be reached', async () => {
    const visitor = await stage.visit();
    await visitor.page.context().setOffline(true);
    await visitor.run('{ serverTime }');
    await visitor.sees('cannot be reached');
    await visitor.page.context().close();
  });

  test('works on a device that stores nothing', async () => {
    const visitor = await stage.visit({
      prepare: (page) =>
        page.addInitScript(() => {
          Object.defineProperty(globalThis, 'localStorage', {
            get() {
              throw new Error('denied');
            },
          });
        }),
    });
    await visitor.editor.waitFor();
    await visitor.run('{ serverTime }');
    await visitor.sees('2030');
    await visitor.page.context().close();
  });
});

interface Clickable {
  readonly document: { querySelector(selector: string): { click(): void } };
}
