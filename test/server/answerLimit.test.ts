import { expect, onTestFinished, test } from 'vitest';
import { register } from '../support/account.ts';
import { startApp } from '../support/app.ts';
import { watchStatements } from '../support/watchedStatements.ts';

test.each<[string, (address: string, headers: Record<string, string>) => Promise<Response>]>([
  [
    'by POST',
    (address, headers) =>
      fetch(address, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ me { username } }' }),
      }),
  ],
  [
    'by GET',
    (address, headers) =>
      fetch(`${address}?query=${encodeURIComponent('query Secret { me { username } }')}`, {
        headers,
      }),
  ],
])(
  'a request %s that takes too long gets a 503 in time, and its late result is dropped',
  async (_how, send) => {
    const patient = await startApp();
    onTestFinished(() => patient.close());
    const { accessToken } = await register(patient);
    const app = await startApp({ database: patient.database, timeLimits: { answer: 300 } });
    onTestFinished(() => app.close());
    const lookUps = watchStatements(app.database, 'as asked (sub');
    lookUps.hold();
    const address = await app.http.listen({ host: '127.0.0.1', port: 0 });
    const answer = await send(`${address}/graphql`, { authorization: `Bearer ${accessToken}` });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toEqual({
      errors: [
        {
          message: 'Something went wrong.',
          extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) },
        },
      ],
    });
    expect(lookUps.count()).toBe(1);
    lookUps.release();
    // Another request of the same caller is answered behind the first.
    const next = await app.ask('{ me { username } }', { token: accessToken });
    expect(next.errors).toEqual([]);
    const lines = app.logLines.map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level >= 40)).toEqual([
      expect.objectContaining({ level: 50, msg: 'unexpected error' }),
    ]);
    expect(lines.filter(({ msg }) => msg === 'request').map(({ status }) => status)).toEqual([
      503, 200,
    ]);
    expect(app.logLines.join('')).not.toContain('Secret');
  },
);
