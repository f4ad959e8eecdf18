import { randomUUID } from 'node:crypto';
import { authenticate, createKeyRing, createTokens } from '@sallyport/guards';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import type { Database, OpenDatabase } from '../../src/database/database.ts';
import { loadUser } from '../../src/session/loadUser.ts';
import { refreshSession } from '../../src/session/refresh.ts';
import { beginAnew, endSession, endSessionsOf, openSession } from '../../src/session/session.ts';
import type { SessionWithToken } from '../../src/session/tokenId.ts';
import { issueTokenPair } from '../../src/session/tokenPair.ts';
import { changeUser, nextEpoch } from '../../src/user/changeUser.ts';
import { type UserRow, users } from '../../src/user/table.ts';
import { claimsOf, type Pair } from '../support/account.ts';
import { secretKey } from '../support/app.ts';
import { openTestDatabase } from '../support/database.ts';
import { longRuns } from '../support/longRuns.ts';
import { type ModelPair, ReferenceModel } from './referenceModel.ts';

const [second, minute, hour, day] = [1, 60, 3600, 86_400];
const start = Date.parse('2030-01-01T12:00:00.000Z');

const config = loadConfig({ JWT_SECRET_KEY: secretKey });
const { jwt } = config;
const tokens = createTokens({
  keys: createKeyRing({ secret: secretKey }),
  issuer: jwt.issuer,
  audience: jwt.audience,
  lifeSeconds: {
    access: jwt.accessTokenExpiresInSeconds,
    refresh: jwt.refreshIdleExpiresInSeconds,
  },
  leewaySeconds: jwt.leewaySeconds,
});

/** What a client does. `token` says of which pair that it was ever given, counted from the newest. */
type Step =
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'signIn'; readonly withOldPassword: boolean }
  | { readonly kind: 'refresh' | 'refreshTwice' | 'loseAnswer'; readonly token: number }
  | { readonly kind: 'use' | 'logout' | 'changePassword'; readonly token: number };

const token = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 2 }) },
  { weight: 1, arbitrary: fc.nat(39) },
);
const step = (kind: Exclude<Step['kind'], 'wait' | 'signIn'>, weight: number) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant(kind), token }),
});
const waits = [
  [0, 1, 9, 10, 11, 29, 30, 31].map((count) => count * second),
  [5, 15, 16].map((count) => count * minute),
  [1, 12, 24].map((count) => count * hour),
  [day - 1, day + 1, 3 * day, 13 * day, 14 * day - 1, 14 * day],
].flat();
const steps = fc.array(
  fc.oneof(
    { withCrossShrink: true },
    {
      weight: 14,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        seconds: fc.constantFrom(...waits),
      }),
    },
    step('refresh', 12),
    step('loseAnswer', 4),
    step('refreshTwice', 2),
    step('use', 6),
    step('logout', 1),
    step('changePassword', 1),
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('signIn' as const), withOldPassword: fc.boolean() }),
    },
  ),
  { minLength: 40, maxLength: 40 },
) satisfies fc.Arbitrary<Step[]>;

/** The service, asked by its functions, with the same answers as the reference model. */
class Service {
  now = new Date(start);
  private readonly database: Database;
  private user: UserRow;
  private userWithOldPassword: UserRow;

  constructor(database: Database, user: UserRow) {
    this.database = database;
    this.user = user;
    this.userWithOldPassword = user;
  }

  async signIn(withOldPassword: boolean): Promise<Pair | string> {
    const user = withOldPassword ? this.userWithOldPassword : this.user;
    const origin = { device: null, ip: '127.0.0.1', userAgent: null };
    const session = await this.database.transaction((database) =>
      openSession(database, user, origin, jwt, this.now),
    );
    return session ? this.issue(session, true) : 'INVALID_CREDENTIALS';
  }

  async refresh({ refreshToken }: Pair): Promise<Pair | string> {
    const verified = tokens.verifyRefresh(refreshToken, this.now);
    if ('reason' in verified) return verified.reason;
    const result = await refreshSession(this.database, verified.claims, jwt, this.now);
    if (result.outcome === 'refreshed') return this.issue(result.session, false);
    return result.outcome === 'refused'
      ? result.reason
      : { reused: 'TOKEN_REUSED', ahead: 'ahead of the session', limited: 'RATE_LIMITED' }[
          result.outcome
        ];
  }

  async use(pair: Pair): Promise<string | null> {
    const found = await this.authenticate(pair);
    return found.status === 'rejected' ? found.error.reason : null;
  }

  async logout({ accessToken }: Pair): Promise<void> {
    const verified = tokens.verifyOrigin(accessToken, this.now);
    if ('claims' in verified) await endSession(this.database, verified.claims, 'logout', this.now);
  }

  async changePassword(pair: Pair): Promise<Pair | string> {
    const found = await this.authenticate(pair);
    if (found.status !== 'authenticated') {
      return found.status === 'rejected' ? found.error.reason : found.status;
    }
    const { user } = found;
    const sessionId = found.claims?.sid ?? '';
    const session = await this.database.transaction(async (database) => {
      this.userWithOldPassword = user;
      this.user = await changeUser(database, user.id, { credentialEpoch: nextEpoch });
      const kept = await beginAnew(database, sessionId, jwt, this.now);
      await endSessionsOf(database, user.id, 'password', this.now, sessionId);
      return kept;
    });
    return session ? this.issue(session, true) : 'TOKEN_REVOKED';
  }

  private authenticate({ accessToken }: Pair) {
    return authenticate<UserRow>(
      { token: accessToken },
      {
        tokens,
        now: this.now,
        loaders: {
          loadUser: (claims) => loadUser(this.database, claims, this.now),
          loadUserOfApiToken: async () => ({ reason: 'TOKEN_INVALID' }),
        },
      },
    );
  }

  private async issue(session: SessionWithToken, fresh: boolean): Promise<Pair> {
    const additionalClaims = async () => ({});
    const scene = { tokens, config, now: this.now, cookies: null, additionalClaims, fresh };
    return (await issueTokenPair(session, scene)) as Pair;
  }
}

interface Pairs {
  readonly model: ModelPair;
  readonly service: Pair;
}

/** A service and a model that have lived through the same, and the pairs their client was given. */
class Story {
  private readonly model = new ReferenceModel();
  private readonly service: Service;
  private readonly pairs: Pairs[] = [];
  private passwordChanges = 0;

  constructor(service: Service) {
    this.service = service;
  }

  async signIn(withOldPassword: boolean): Promise<void> {
    const answer = await this.service.signIn(withOldPassword);
    if (withOldPassword && this.passwordChanges > 0) expect(answer).toBe('INVALID_CREDENTIALS');
    else this.keep(this.model.signIn(), answer);
  }

  async take(step: Step): Promise<void> {
    const { model, service } = this;
    if (step.kind === 'wait') {
      model.now += step.seconds;
      service.now = new Date(start + model.now * 1000);
      return;
    }
    if (step.kind === 'signIn') return await this.signIn(step.withOldPassword);
    const pair = this.pairs.at(-1 - (step.token % this.pairs.length)) as Pairs;
    switch (step.kind) {
      case 'refresh':
        return this.keep(model.refresh(pair.model), await service.refresh(pair.service));
      case 'loseAnswer':
        return this.compare(model.refresh(pair.model), await service.refresh(pair.service));
      case 'refreshTwice': {
        const expected = [model.refresh(pair.model), model.refresh(pair.model)];
        const answers = await Promise.all([1, 2].map(() => service.refresh(pair.service)));
        // Which of two that are sent together comes first is nobody's business.
        const [one, two] = [expected.map(outcomeOf), answers.map(outcomeOf)];
        expect(two.toSorted()).toEqual(one.toSorted());
        const [newest] = expected;
        if (typeof newest === 'object') this.keep(newest, answers[0] ?? '');
        return;
      }
      case 'use':
        return expect(await service.use(pair.service)).toBe(model.use(pair.model));
      case 'logout':
        model.logout(pair.model);
        return await service.logout(pair.service);
      case 'changePassword': {
        const expected = model.changePassword(pair.model);
        if (typeof expected === 'object') this.passwordChanges++;
        return this.keep(expected, await service.changePassword(pair.service));
      }
    }
  }

  private keep(expected: ModelPair | string, answer: Pair | string): void {
    this.compare(expected, answer);
    if (typeof expected === 'object' && typeof answer === 'object') {
      this.pairs.push({ model: expected, service: answer });
    }
  }

  private compare(expected: ModelPair | string, answer: Pair | string): void {
    expect(outcomeOf(answer)).toBe(outcomeOf(expected));
  }
}

function outcomeOf(answer: ModelPair | Pair | string): string {
  if (typeof answer === 'string') return answer;
  const generation =
    'generation' in answer ? answer.generation : claimsOf(answer.refreshToken)['gen'];
  return `generation ${generation}`;
}

let opened: OpenDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

test('sessions follow the reference model in any order of client actions', async () => {
  const { database } = opened;
  const property = fc.asyncProperty(steps, async (taken) => {
    const row = { username: randomUUID(), passwordHash: 'none', createdAt: new Date(start) };
    const [user] = await database.insert(users).values(row).returning();
    const story = new Story(new Service(database, user as UserRow));
    await story.signIn(false);
    for (const each of taken) await story.take(each);
  });
  // Side by side, so that a server does not wait for one client.
  const numRuns = longRuns ? 120 : 20;
  await Promise.all([1, 2, 3, 4].map(() => fc.assert(property, { numRuns })));
}, 120_000);
