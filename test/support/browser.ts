import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import type { TestContext } from 'vitest';

// Debian's, or the one that CHROMIUM names.
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether there is a browser here: where there is none, what needs one is skipped, and says why. */
export const hasBrowser = existsSync(executablePath);
export const whyWithoutBrowser = `There is no browser at ${executablePath}: install Debian's chromium, or name another in CHROMIUM.`;

const options = {
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-component-update',
    '--disable-sync',
  ],
};

type Test = Pick<TestContext, 'skip' | 'onTestFinished'>;

/** Starts a browser with a profile of its own, for many tests. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch(options);
}

/**
 * Opens a browser with a profile of its own, and closes it when the test is over. Where there is none, the test is
 * skipped, and says so. Each `browser.newContext()` is another person; every name below `localhost` is this machine.
 */
export async function openBrowser({ skip, onTestFinished }: Test): Promise<Browser> {
  skipWithoutBrowser(skip);
  const browser = await startBrowser();
  onTestFinished(() => browser.close());
  return browser;
}

/**
 * The same for one person, whose browser sends cookies along with what pages of other sites ask for, as all browsers
 * once did. Debian's does not, unless the preferences of a profile say so.
 */
export async function openBrowserWithThirdPartyCookies({
  skip,
  onTestFinished,
}: Test): Promise<BrowserContext> {
  skipWithoutBrowser(skip);
  const profile = await mkdtemp(join(tmpdir(), 'sallyport-browser-'));
  await mkdir(join(profile, 'Default'));
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const person = await chromium.launchPersistentContext(profile, options);
  onTestFinished(async () => {
    await person.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return person;
}

function skipWithoutBrowser(skip: Test['skip']): void {
  if (!hasBrowser) skip(whyWithoutBrowser);
}
