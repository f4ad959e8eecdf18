import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { password, startApp, type TestApp } from '../../../../test/support/app.ts';
import { longRunsOnce } from '../../../../test/support/longRuns.ts';
import { browserLocks } from '../support/locks.ts';
import { flush, World } from '../support/world.ts';

/** What happens next. Of what there are several, `which` says which one. */
type Step =
  | { readonly kind: 'ask'; readonly tab: number; readonly field: 'createItem' | 'me' }
  | { readonly kind: 'hop'; readonly which: number; readonly arrives: boolean }
  | { readonly kind: 'wait' | 'clock'; readonly seconds: number }
  | { readonly kind: 'answer'; readonly password: string | null }
  | { readonly kind: 'freeze' | 'thaw' | 'signIn' | 'signOut'; readonly tab: number }
  | { readonly kind: 'unmount'; readonly which: number };

const tab = fc.nat(2);
const which = fc.nat(9);
const kind = <Kind extends Step['kind']>(...kinds: Kind[]) => fc.constantFrom(...kinds);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: kind('ask'),
        tab,
        field: fc.constantFrom('createItem' as const, 'me' as const),
      }),
    },
    {
      weight: 20,
      // One in four connections is cut.
      arbitrary: fc.record({
        kind: kind('hop'),
        which,
        arrives: fc.nat(3).map((drawn) => drawn > 0),
      }),
    },
    {
      weight: 5,
      // Around the ends of a race, of freshness, and of an access token.
      arbitrary: fc.record({
        kind: kind('wait'),
        seconds: fc.constantFrom(1, 9, 11, 29, 31, 290, 310, 880, 890, 915, 3600),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('clock'), seconds: fc.constantFrom(-3600, 0, 3600) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: kind('answer'),
        password: fc.constantFrom(password, password, 'a wrong password', null),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: kind('freeze', 'thaw'), tab }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('signIn', 'signOut'), tab }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('unmount'), which }) },
  ),
  { minLength: 30, maxLength: 60, size: 'max' },
);

async function take(world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'ask':
      return void world.ask(step.tab, step.field);
    case 'hop':
      return await world.hop(step.which, step.arrives);
    case 'wait':
      return await world.wait(step.seconds);
    case 'clock':
      return world.setClock(step.seconds);
    case 'answer':
      return world.questions.shift()?.answer(step.password);
    case 'freeze':
    case 'thaw':
      return world[step.kind](step.tab);
    case 'signIn':
    case 'signOut':
      return await world.act(step.tab, step.kind);
    case 'unmount':
      return world.errands[step.which]?.unmounted.abort();
  }
}

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ environment: { RATE_LIMIT_ACCOUNT: '0' } });
});
afterEach(() => vi.unstubAllGlobals());
afterAll(() => app.close());

const numRuns = longRunsOnce ? 100 : 25;

test.each([
  ['with locks', browserLocks],
  ['without locks', () => undefined],
])(
  'no honest user is ever signed out, and no mutation runs twice, %s',
  async (_name, locks) => {
    const property = fc.asyncProperty(steps, async (taken) => {
      vi.stubGlobal('navigator', { locks: locks() });
      const world = new World(app, 3);
      await world.act(0, 'register');
      for (const step of taken) {
        await take(world, step);
        await flush();
      }
      await world.comeToRest();
      const last = [0, 1, 2].map((each) => world.ask(each, 'me'));
      await world.comeToRest();
      expect(world.ends.filter((reason) => reason !== null)).toEqual([]);
      const status = world.isSignedIn ? 'signedIn' : 'signedOut';
      expect(world.states).toEqual([status, status, status]);
      const outcome = world.isSignedIn ? 'done' : 'refused';
      expect(last.map((errand) => errand.outcome)).toEqual([outcome, outcome, outcome]);
      for (const { runs, outcome: end } of world.errands) {
        expect(runs).toBeLessThanOrEqual(1);
        expect(end).not.toBeNull();
      }
    });
    await fc.assert(property, { numRuns });
  },
  600_000,
);
