import { describe, expect, onTestFinished, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

async function start(trustProxy: string | null): Promise<TestApp> {
  const environment: Record<string, string> =
    trustProxy === null ? {} : { TRUST_PROXY: trustProxy };
  const app = await startApp({ environment });
  onTestFinished(() => app.close());
  return app;
}

const send = ({ inject }: TestApp, headers: Record<string, string>) =>
  inject({ url: '/healthz', headers, remoteAddress: '10.0.0.5' });

const warningsOf = ({ logLines }: TestApp) =>
  logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);

describe('a request that a proxy forwarded', () => {
  test.each([
    ['without TRUST_PROXY', null, { 'x-forwarded-for': '192.0.2.1' }],
    ['by a proxy that TRUST_PROXY does not name', '10.0.0.6', { 'x-forwarded-for': '192.0.2.1' }],
    ['with the header Forwarded, which is not read', '10.0.0.5', { forwarded: 'for=192.0.2.1' }],
  ])('%s warns once, and names the setting and the proxy', async (_what, trustProxy, headers) => {
    const app = await start(trustProxy);
    await send(app, {});
    expect(warningsOf(app)).toEqual([]);
    for (let time = 0; time < 3; time++) await send(app, headers);
    expect(warningsOf(app)).toEqual([
      expect.objectContaining({
        peer: '10.0.0.5',
        msg: expect.stringMatching(/If 10\.0\.0\.5 is your proxy.*TRUST_PROXY/),
      }),
    ]);
    expect(app.logLines.join('')).not.toContain('192.0.2.1');
  });

  test('by a proxy that TRUST_PROXY names does not warn, and its client is known', async () => {
    const app = await start('10.0.0.0/8');
    await send(app, { 'x-forwarded-for': '192.0.2.1' });
    expect(warningsOf(app)).toEqual([]);
    expect(app.logLines.join('')).toContain('"ip":"192.0.2.1"');
  });
});
