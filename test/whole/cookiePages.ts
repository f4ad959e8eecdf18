import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import type { cookieStorage, createSession, Session } from '../../packages/client/src/index.ts';
import { startApp, type TestApp } from '../support/app.ts';

/** A server that listens, and where pages find it. */
interface Served {
  readonly app: TestApp;
  readonly api: string;
}

export let strict: Served;
/** In production: only there may cookies be SameSite=None, because only there are they Secure on localhost. */
export let none: Served;
/** A page of nothing, at any origin below localhost. */
let pages: Server;
export let origin: (name: string) => string;
export let kit: string;

/** Starts both servers, and the one of the pages. */
export async function openServers(): Promise<void> {
  pages = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>'),
  );
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const pagesPort = (pages.address() as AddressInfo).port;
  origin = (name) => `http://${name}.localhost:${pagesPort}`;
  strict = await serve({ CORS_ORIGINS: origin('shop') });
  none = await serve({
    CORS_ORIGINS: origin('partner'),
    JWT_COOKIE_SAMESITE: 'None',
    NODE_ENV: 'production',
    JWT_SECRET_KEY: randomBytes(48).toString('base64'),
  });
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../../packages/client/src/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kit',
  });
  kit = bundle.outputFiles[0]?.text ?? '';
}

export async function closeServers(): Promise<void> {
  await strict.app.close();
  await none.app.close();
  await new Promise((resolve) => pages.close(resolve));
}

async function serve(environment: Record<string, string>): Promise<Served> {
  const app = await startApp({
    environment: {
      JWT_TOKEN_LOCATION: 'headers,cookies',
      JWT_ACCESS_COOKIE: 'true',
      ...environment,
    },
  });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.http.server.address() as AddressInfo;
  return { app, api: `http://api.shop.localhost:${port}` };
}

/** What pages of the tests have besides their own. */
export interface PageGlobals {
  readonly kit: {
    readonly cookieStorage: typeof cookieStorage;
    readonly createSession: typeof createSession;
  };
  session: Session;
}

/** Sends an operation from a page, as the page is allowed to, and returns its data or the first reason. */
export function ask(page: Page, url: string, query: string, headers: Record<string, string> = {}) {
  return page.evaluate(
    async ({ url, query, headers }) => {
      const response = await fetch(url, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      const { data, errors } = await response.json();
      return errors ? errors[0].extensions.reason : data;
    },
    { url, query, headers },
  );
}

export const me = '{ me { username } }';
