import { eq } from 'drizzle-orm';
import type { JWTPayload } from 'jose';
import { vi } from 'vitest';
import {
  audience,
  startIssuer,
  type TestIssuer,
} from '../../packages/guards/test/issuers/testIssuer.ts';
import { auditEvents } from '../../src/audit/table.ts';
import type { Context } from '../../src/context.ts';
import { defineServer } from '../../src/defineServer.ts';
import { users } from '../../src/user/table.ts';
import type { UserOfIssuer } from '../../src/userOfIssuer.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { createIdentities, dropIdentities, findOrMake } from '../support/identities.ts';
import { testService } from '../support/testService.ts';

interface Called {
  /** The loader of the server, which each test may replace. */
  userOfIssuer: UserOfIssuer;
  /** What a plugin of the server does with the context, at the end of each request. */
  useContext: (context: Context) => Promise<void>;
}

/** The functions that the server calls. */
export const called: Called = { userOfIssuer: findOrMake, useContext: async () => {} };
export const definition = defineServer({
  features: testService.features,
  userOfIssuer: async (token, scene) => await called.userOfIssuer(token, scene),
  plugins: [
    {
      requestDidStart: async () => ({
        willSendResponse: async ({ contextValue }) => await called.useContext(contextValue),
      }),
    },
  ],
});

export let issuer: TestIssuer;
export let other: TestIssuer;
export let app: TestApp;

/** Starts two issuers, and a server that trusts them. */
export async function openApp(): Promise<void> {
  [issuer, other] = [await startIssuer(), await startIssuer({ path: '/realms/shop/' })];
  app = await startApp({
    definition,
    environment: {
      TRUSTED_ISSUERS: `${issuer.url} ${audience}, ${other.url} ${audience}`,
      JWT_TOKEN_LOCATION: 'headers,cookies',
      JWT_ACCESS_COOKIE: 'true',
    },
  });
  await createIdentities(app.database);
}

/** Closes the server and its issuers. */
export async function closeApp(): Promise<void> {
  await dropIdentities(app.database);
  await Promise.all([issuer.close(), other.close()]);
  await app.close();
}

/** Prepares the next test. */
export function prepare(): void {
  called.userOfIssuer = findOrMake;
  called.useContext = async () => {};
  issuer.now = app.clock.now;
  other.now = app.clock.now;
}

/** Undoes what a test did to the issuer and to the clock. */
export function reset(): void {
  issuer.answer = null;
  vi.useRealTimers();
}

export const sign = (claims: JWTPayload = {}) => issuer.sign(claims);
export const seconds = () => app.clock.now.getTime() / 1000;
export const me = async (token: string) =>
  (await app.ask('{ me { id fullName } }', { token })).data.me;
export const change = (userId: string, row: Partial<typeof users.$inferInsert>) =>
  app.database.update(users).set(row).where(eq(users.id, userId));
export const entriesOf = (userId: string) =>
  app.database
    .select()
    .from(auditEvents)
    .where(eq(auditEvents.userId, userId))
    .orderBy(auditEvents.id);
