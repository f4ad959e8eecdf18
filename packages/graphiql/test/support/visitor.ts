import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { startApp, type TestApp } from '../../../../test/support/app.ts';
import { startBrowser } from '../../../../test/support/browser.ts';

/** A server with the explorer, and a browser. */
export interface Stage {
  readonly app: TestApp;
  /** The address of the page. */
  readonly url: string;
  /** What pages have asked for, and how many bytes they got. */
  readonly asked: readonly { readonly page: Page; readonly url: URL; readonly bytes: number }[];
  /** What browsers have complained about, but for answers that are refusals. */
  readonly problems: readonly string[];
  /** Opens the page as somebody new. `prepare` runs before it loads; without, the editor is there. */
  visit(settings?: VisitSettings): Promise<Visitor>;
  close(): Promise<void>;
}

interface VisitSettings extends BrowserContextOptions {
  readonly url?: string;
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Somebody in front of the page, with a profile of their own. */
export interface Visitor {
  readonly page: Page;
  readonly editor: Locator;
  /** Writes a document into the editor, in place of what is there. */
  write(query: string): Promise<void>;
  /** Writes a document and runs it. */
  run(query: string): Promise<void>;
  /** Waits until the answer has a text. */
  sees(text: string): Promise<void>;
  /** Moves the clocks of the server and of this page. */
  passTime(milliseconds: number): Promise<void>;
  /** What stands against reading the page with other means than eyes and a mouse, by axe. */
  violations(): Promise<string[]>;
  /** Takes a picture into the directory that PICTURES names, if it names one. */
  takePicture(name: string): Promise<void>;
}

export async function createStage(environment: Record<string, string> = {}): Promise<Stage> {
  const app = await startApp({ environment });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://localhost:${(app.http.server.address() as AddressInfo).port}/graphql`;
  const browser = await startBrowser();
  const asked: { page: Page; url: URL; bytes: number }[] = [];
  const problems: string[] = [];
  return {
    app,
    url,
    asked,
    problems,
    async visit({ url: address = url, prepare, ...options } = {}) {
      const page = await newPage(browser, options);
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !/status of [45]/.test(text)) problems.push(text);
      });
      page.on('response', (response) => {
        const bytes = Number(response.headers()['content-length'] ?? 0);
        asked.push({ page, url: new URL(response.url()), bytes });
      });
      await page.addInitScript(shiftClock, app.clock.now.getTime());
      await prepare?.(page);
      await page.goto(address);
      const visitor = createVisitor(page, app);
      if (!prepare) await visitor.editor.waitFor();
      return visitor;
    },
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

async function newPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

function createVisitor(page: Page, app: TestApp): Visitor {
  const editor = page.locator('.graphiql-query-editor .view-line').first();
  async function write(query: string): Promise<void> {
    await page.locator('.graphiql-query-editor textarea.inputarea').focus();
    await page.keyboard.press('ControlOrMeta+A');
    // Typed letter by letter, the editor would complete it.
    await page.evaluate(
      (text) => (globalThis as unknown as Window).navigator.clipboard.writeText(text),
      query,
    );
    await page.keyboard.press('ControlOrMeta+V');
  }
  return {
    page,
    editor,
    write,
    async run(query) {
      await write(query);
      await page.keyboard.press('ControlOrMeta+Enter');
    },
    sees: (text) =>
      page.locator('.graphiql-response .view-lines').filter({ hasText: text }).waitFor(),
    async passTime(milliseconds) {
      app.clock.now = new Date(app.clock.now.getTime() + milliseconds);
      await page.evaluate((time) => (globalThis as unknown as Window).passTime(time), milliseconds);
    },
    async violations() {
      // The page runs nothing but its own files, so that the tool goes in by the debugger.
      await page.evaluate(axeSource);
      return await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as Window).axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join()}`);
      });
    },
    async takePicture(name) {
      const { PICTURES: directory } = process.env;
      if (!directory) return;
      await mkdir(directory, { recursive: true });
      await page.screenshot({ path: join(directory, `${name}.png`), caret: 'hide' });
    },
  };
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** What the tests use of a page's own globals. */
interface Window {
  passTime(milliseconds: number): void;
  readonly navigator: { readonly clipboard: { writeText(text: string): Promise<void> } };
  readonly axe: {
    run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
  };
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
