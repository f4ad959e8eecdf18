import type { AddressInfo } from 'node:net';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await startApp();
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}/graphql`;
});
afterAll(() => app.close());

test.each(serverAudits({ url: () => url, fetchFn: fetch }))(
  'GraphQL over HTTP, $id: $name',
  async ({ name, fn }) => {
    const result = await fn();
    const { status } = result;
    if (result.status !== 'ok') await result.response.body?.cancel();
    expect([name, status, 'reason' in result ? result.reason : null]).toEqual([name, 'ok', null]);
  },
);
