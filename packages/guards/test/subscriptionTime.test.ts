import {
  type Authentication,
  authenticate,
  createKeyRing,
  createTokens,
  toSeconds,
} from '@sallyport/guards';
import { type ExecutionResult, parse, subscribe } from 'graphql';
import { expect, test, vi } from 'vitest';
import { caller, failures, guardedSchema } from './guardedSchema.ts';
import { refusals } from './refusals.ts';

const start = new Date('2026-05-01T12:00:00Z');
const leewaySeconds = 10;
const tokens = createTokens({
  keys: createKeyRing({ secret: 'signs the tokens of this test, and no others' }),
  issuer: 'shop',
  audience: 'shop',
  lifeSeconds: { access: 900, refresh: 900 },
  leewaySeconds,
});

const opened = vi.fn();
const schema = guardedSchema(
  `type Query { a: ID @public }
   type Subscription { plain: Int @auth fresh: Int @fresh(maxAge: 60) deep: Deep @auth }
   type Deep { fresh: Int @fresh(maxAge: 60) }`,
  {
    Subscription: Object.fromEntries(
      ['plain', 'fresh', 'deep'].map((name) => [
        name,
        {
          async *subscribe() {
            opened();
            for (;;) yield { plain: 1, fresh: 1, deep: { fresh: 1 } };
          },
        },
      ]),
    ),
  },
);

async function signedIn(fresh: boolean): Promise<Authentication> {
  const now = toSeconds(start);
  const times = { iat: now, exp: now + 900, auth_time: now };
  const token = tokens.signAccess({ sub: '1', sid: 's', gen: 1, ...times, fresh });
  const loadUser = async () => ({ user: {}, isAdmin: false });
  return await authenticate({ token }, { tokens, now: start, loaders: { loadUser } });
}

/** What comes of a subscription that begins, and of its events, so many seconds after the sign-in each. */
async function listen(source: string, authentication: Authentication, moments: number[]) {
  let elapsed = 0;
  const clock = () => new Date(start.getTime() + elapsed * 1000);
  const results: unknown[] = [];
  const note = (result: ExecutionResult) => {
    const { errors, data } = JSON.parse(JSON.stringify(result));
    results.push(errors ? failures({ errors })[0] : Object.values(data)[0]);
  };
  const [first = 0, ...others] = moments;
  elapsed = first;
  const contextValue = { authentication, clock };
  const events = await subscribe({ schema, document: parse(source), contextValue });
  if (!(Symbol.asyncIterator in events)) note(events);
  else {
    for (const moment of others) {
      elapsed = moment;
      const { value } = await events.next();
      note(value ?? {});
    }
    await events.return();
  }
  return results;
}

const expired = {
  code: 'UNAUTHENTICATED',
  reason: 'TOKEN_EXPIRED',
  message: 'The token has expired.',
};
const stale = { ...refusals.freshRequired, maxAge: 60 };

test.each<[string, string, boolean, number[], unknown[]]>([
  [
    'a token expires, after its leeway',
    '{ plain }',
    false,
    [0, 1, 909, 910, 911],
    [1, 1, expired, expired],
  ],
  ['a fresh token becomes stale', '{ fresh }', true, [0, 60, 61, 910], [1, stale, expired]],
  [
    'a fresh token becomes stale for a field below the root',
    '{ deep { fresh } }',
    true,
    [0, 60, 61],
    [{ fresh: 1 }, stale],
  ],
  ['a token that was never fresh is refused at once', '{ fresh }', false, [0], [stale]],
  ['an expired token opens no event source', '{ plain }', true, [910], [expired]],
  ['a stale token opens no event source for @fresh', '{ fresh }', true, [61], [stale]],
])(
  'between the events of a subscription: %s',
  async (_what, selection, fresh, moments, results) => {
    opened.mockClear();
    expect(await listen(`subscription ${selection}`, await signedIn(fresh), moments)).toEqual(
      results,
    );
    expect(opened).toHaveBeenCalledTimes(moments.length > 1 ? 1 : 0);
  },
);

test('without a clock in the context, the clock of the machine is used', async () => {
  vi.useFakeTimers({ now: start, toFake: ['Date'] });
  try {
    const contextValue = { authentication: await signedIn(true) };
    const document = parse('subscription { fresh }');
    const events = await subscribe({ schema, document, contextValue });
    if (!(Symbol.asyncIterator in events)) throw new TypeError('Expected events.');
    expect((await events.next()).value).toEqual({ data: { fresh: 1 } });
    vi.setSystemTime(start.getTime() + 61_000);
    const { value } = await events.next();
    expect(failures(JSON.parse(JSON.stringify(value)))).toEqual([stale]);
  } finally {
    vi.useRealTimers();
  }
});

test('an authentication without times stays as it is', async () => {
  const own = caller({ passwordAgeSeconds: 5 });
  expect(await listen('subscription { fresh }', own, [0, 1, 100_000])).toEqual([1, 1]);
});
