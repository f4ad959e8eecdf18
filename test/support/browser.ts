import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { TestContext } from 'vitest';

// Debian's, or the one that CHROMIUM names.
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * Opens a browser with a profile of its own, and closes it when the test is over. Where there is none, the test is
 * skipped, and says so. Each `browser.newContext()` is another person; every name below `localhost` is this machine.
 */
export async function openBrowser({
  skip,
  onTestFinished,
}: Pick<TestContext, 'skip' | 'onTestFinished'>): Promise<Browser> {
  if (!existsSync(executablePath)) {
    skip(
      `There is no browser at ${executablePath}: install Debian's chromium, or name another in CHROMIUM.`,
    );
  }
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  onTestFinished(() => browser.close());
  return browser;
}
