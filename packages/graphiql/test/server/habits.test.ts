import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { register } from '../../../../test/support/account.ts';
import { password } from '../../../../test/support/app.ts';
import { hasBrowser, whyWithoutBrowser } from '../../../../test/support/browser.ts';
import { createStage, type Stage } from '../support/visitor.ts';

const name = `in a browser, the explorer${hasBrowser ? '' : ` (${whyWithoutBrowser})`}`;

describe.skipIf(!hasBrowser)(name, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage();
  }, 120_000);
  afterAll(() => stage.close());

  test('accepts the first key strokes after it has loaded less than 700 KB, and keeps them', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { page, editor, sees } = await stage.visit({
      prepare: (opened) =>
        opened.route(/\/page\/(monaco-editor|lite)-/, async (route) => {
          await held;
          await route.continue();
        }),
    });
    await page.getByLabel('Operation', { exact: true }).click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('{ serverTime');
    const bytes = stage.asked.reduce((sum, one) => sum + (one.page === page ? one.bytes : 0), 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(700_000);
    letGo();
    await editor.waitFor();
    await page.keyboard.type(' }');
    await page.keyboard.press('ControlOrMeta+Enter');
    await sees('2030');
  });

  test.each([
    ['phone', 390, 844, 'light'],
    ['phone-dark', 390, 844, 'dark'],
    ['dark', 1280, 800, 'dark'],
    ['4k', 3840, 2160, 'light'],
  ] as const)(
    'shows all its parts on a screen of %s, and axe finds no problem',
    async (screen, width, height, colorScheme) => {
      const visitor = await stage.visit({ viewport: { width, height }, colorScheme });
      const { page } = visitor;
      await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
      expect(await visitor.violations()).toEqual([]);
      const isWiderThanItsWindow = await page.evaluate(() => {
        const { document, innerWidth } = globalThis as unknown as Screen;
        return document.documentElement.scrollWidth > innerWidth;
      });
      expect(isWiderThanItsWindow).toBe(false);
      await visitor.run('{ me { username } }');
      // The editor draws no more of the answer than there is room for.
      await page.getByText('no token was sent').first().waitFor();
      await page.getByRole('button', { name: 'Show Access' }).click();
      await page.locator('.verdict').filter({ hasText: 'refused' }).waitFor();
      expect(await visitor.violations()).toEqual([]);
      await visitor.takePicture(screen);
      await page.context().close();
    },
  );

  test('changes its colours with the device, and those of the editor too', async () => {
    const { page } = await stage.visit({ colorScheme: 'light' });
    const backgroundOf = (selector: string) =>
      page.evaluate((found) => {
        const { document, getComputedStyle } = globalThis as unknown as Screen;
        return getComputedStyle(document.querySelector(found)).color;
      }, selector);
    const text = '.graphiql-query-editor .mtk1';
    const [light, before] = [await backgroundOf('body'), await backgroundOf(text)];
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => backgroundOf(text)).not.toBe(before);
    expect(await backgroundOf('body')).not.toBe(light);
    await page.context().close();
  });

  test('can be scrolled on a phone in landscape', async () => {
    const { page } = await stage.visit({ viewport: { width: 844, height: 390 } });
    const variables = page.getByText('Variables', { exact: true });
    await variables.scrollIntoViewIfNeeded();
    const box = await variables.boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(390);
    await page.context().close();
  });

  test('has no animation for people who prefer reduced motion', async () => {
    const { page } = await stage.visit({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(() => {
      const { document, getComputedStyle } = globalThis as unknown as Screen;
      return [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, transitionProperty } = getComputedStyle(element);
        return transitionProperty !== 'none' && transitionDuration !== '0s';
      }).length;
    });
    expect(moving).toBe(0);
    await page.context().close();
  });

  test('can be used with the keyboard alone to sign in, run an operation, and change the account', async () => {
    const { username } = await register(stage.app);
    const visitor = await stage.visit();
    const { page } = visitor;
    const focused = () =>
      page.evaluate(() => {
        const { document } = globalThis as unknown as Screen;
        const { activeElement: element } = document;
        const label = element?.labels?.[0]?.textContent ?? element?.getAttribute('aria-label');
        return label ?? element?.textContent ?? '';
      });
    async function tabTo(label: RegExp): Promise<void> {
      for (let presses = 0; presses < 60; presses++) {
        if (label.test(await focused())) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`The Tab key does not reach ${label}: it stopped at ${await focused()}.`);
    }
    await tabTo(/^Sign in$/);
    await page.keyboard.press('Enter');
    await tabTo(/^Username$/);
    await page.keyboard.type(username);
    await tabTo(/^Password$/);
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: username }).waitFor();
    await tabTo(/^ForUsers$/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ControlOrMeta+Enter');
    // The answer is wrapped in the middle of a name that is longer than a line.
    await visitor.sees(`"${username.slice(0, 20)}`);
    await page.keyboard.press('Tab');
    await tabTo(/anonymous/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ControlOrMeta+Enter');
    await visitor.sees('TOKEN_MISSING');
    await page.context().close();
  });

  test('shares a document by a link without passwords and without the variables of a document with a password', async () => {
    const visitor = await stage.visit();
    const linkOf = async (query: string) => {
      await visitor.write(query);
      await visitor.page.getByRole('button', { name: /Copy a link|The link is/ }).click();
      return await visitor.page.evaluate(() =>
        (globalThis as unknown as Screen).navigator.clipboard.readText(),
      );
    };
    const secret = await linkOf(
      'mutation { login(username: "ada", password: "not for you") { fresh } }',
    );
    expect(decodeURIComponent(secret.replaceAll('+', ' '))).toContain('password: ""');
    expect(secret).not.toMatch(/not.for.you/);
    const link = await linkOf('{ shared: serverTime }');
    const other = await stage.visit({ url: link });
    await other.page.keyboard.press('Escape');
    await other.page
      .locator('.graphiql-query-editor .view-lines')
      .filter({ hasText: 'shared' })
      .waitFor();
    await other.page.getByRole('button', { name: /^Execute/ }).click();
    await other.sees('"shared"');
    expect(new URL(other.page.url()).hash).toBe('');
    // Followed where the page is open already, a link opens a tab, and nobody is signed out.
    const tabs = other.page.locator('.graphiql-tab');
    const before = await tabs.count();
    await other.page.goto(link.replace('shared', 'again'));
    await other.page
      .locator('.graphiql-query-editor .view-lines')
      .filter({ hasText: 'again' })
      .waitFor();
    expect(await tabs.count()).toBe(before + 1);
    expect(new URL(other.page.url()).hash).toBe('');
    await other.page.context().close();
    await visitor.page.context().close();
  });

  test('formats a document', async () => {
    const visitor = await stage.visit();
    await visitor.write('{serverTime me{id}}');
    await visitor.page.getByRole('button', { name: /^Prettify/ }).click();
    const lines = visitor.page.locator('.graphiql-query-editor .view-line');
    await expect.poll(() => lines.count()).toBeGreaterThan(4);
    await visitor.page.context().close();
  });

  test('has had no error of its own', () => {
    expect(stage.problems).toEqual([]);
  });
});

interface Element {
  readonly textContent: string | null;
  readonly labels?: readonly { readonly textContent: string | null }[];
  getAttribute(name: string): string | null;
}

/** What the tests use of a page's own globals. */
interface Screen {
  readonly innerWidth: number;
  readonly navigator: { readonly clipboard: { readText(): Promise<string> } };
  readonly document: {
    readonly documentElement: { readonly scrollWidth: number };
    readonly activeElement: Element | null;
    querySelector(selector: string): unknown;
    querySelectorAll(selector: string): Iterable<unknown>;
  };
  getComputedStyle(element: unknown): {
    readonly color: string;
    readonly transitionDuration: string;
    readonly transitionProperty: string;
  };
}
