import { randomUUID } from 'node:crypto';
import { password, type TestApp } from '../../../../test/support/app.ts';
import { type AuthErrorReason, createSession, type Session } from '../../src/index.ts';
import { deviceClock, sharedStorage } from './service.ts';

const url = '/graphql';

/** A request on its way to the server, or an answer on its way back. */
interface Flight {
  readonly tab: number;
  readonly isOutbound: boolean;
  /** It arrives, or the connection is cut. */
  move(arrives: boolean): Promise<void>;
}

interface Question {
  answer(password: string | null): void;
}

/** What a tab asked for, and how often the server ran it. */
export interface Errand {
  readonly name: string;
  runs: number;
  /** Null while it is under way. */
  outcome: 'done' | 'refused' | 'failed' | null;
  readonly unmounted: AbortController;
}

/** One person with several tabs, a network that keeps and loses things, and the real server. */
export class World {
  readonly flights: Flight[] = [];
  readonly questions: Question[] = [];
  readonly errands: Errand[] = [];
  readonly ends: (AuthErrorReason | null)[] = [];
  readonly frozen = new Set<number>();
  readonly username = `user-${randomUUID()}`;
  isSignedIn = true;
  private readonly browser = sharedStorage();
  private readonly tabs: { session: Session; freeze(): void; thaw(): void }[];
  private readonly clock: ReturnType<typeof deviceClock>;
  /** What a person does is not lost: the rule is about what happens by itself. */
  private isPersonActing = false;
  private readonly app: TestApp;

  constructor(app: TestApp, tabCount: number) {
    this.app = app;
    this.clock = deviceClock(app);
    this.tabs = Array.from({ length: tabCount }, (_, tab) => {
      const { storage, freeze, thaw } = this.browser.openTab();
      const session = createSession({
        url,
        storage,
        clock: this.clock,
        singleUser: true,
        fetch: (_input, init) => this.fly(tab, init ?? {}),
        onEnd: (reason) => void this.ends.push(reason),
        askPassword: () =>
          new Promise((resolve) => {
            this.questions.push({ answer: resolve });
          }),
      });
      return { session, freeze, thaw };
    });
  }

  private fly(tab: number, { body, headers, signal }: RequestInit): Promise<Response> {
    const send = async () => {
      const response = await this.app.inject({
        method: 'POST',
        url,
        headers: Object.fromEntries(new Headers(headers)),
        payload: String(body),
      });
      const name = JSON.parse(String(body)).variables?.name;
      const errand = this.errands.find((one) => one.name === name);
      if (errand && 'data' in response.json()) errand.runs++;
      return new Response(response.body, {
        status: response.statusCode,
        headers: { 'content-type': String(response.headers['content-type']) },
      });
    };
    if (this.isPersonActing) return send();
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      const lose = () => reject(new TypeError('fetch failed'));
      this.flights.push({
        tab,
        isOutbound: true,
        move: async (arrives) => {
          if (!arrives) return lose();
          const response = await send();
          this.flights.push({
            tab,
            isOutbound: false,
            move: async (returns) => (returns ? resolve(response) : lose()),
          });
        },
      });
    });
  }

  private at(tab: number) {
    const found = this.tabs[tab % this.tabs.length];
    if (!found) throw new RangeError('There is no tab.');
    return found;
  }

  /** Somebody signs in, out, or up, and the server hears of it. */
  async act(tab: number, what: 'register' | 'signIn' | 'signOut'): Promise<void> {
    this.isPersonActing = true;
    const { session } = this.at(tab);
    const { username } = this;
    if (what === 'signOut') await session.signOut();
    else await session[what]({ username, password });
    this.isPersonActing = false;
    this.isSignedIn = what !== 'signOut';
  }

  /** A tab asks for something that must run once at most. */
  ask(tab: number, field: 'createItem' | 'me'): Errand {
    const errand: Errand = {
      name: `item ${randomUUID()}`,
      runs: 0,
      outcome: null,
      unmounted: new AbortController(),
    };
    this.errands.push(errand);
    const query =
      field === 'me'
        ? '{ me { username } }'
        : 'mutation ($name: String!) { createItem(name: $name, price: 1) { name } }';
    const variables = field === 'me' ? {} : { name: errand.name };
    this.at(tab)
      .session.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
        signal: errand.unmounted.signal,
      })
      .then((response) => response.json())
      .then(
        ({ errors }) => {
          errand.outcome = errors ? 'refused' : 'done';
        },
        () => {
          errand.outcome = 'failed';
        },
      );
    return errand;
  }

  /**
   * Moves one of the flights of the tabs that are awake. What is on its way to the server does not ask who is awake.
   */
  async hop(which: number, arrives: boolean): Promise<void> {
    const movable = this.flights.filter((flight) => this.canMove(flight));
    const flight = movable[which % movable.length];
    if (!flight) return;
    this.flights.splice(this.flights.indexOf(flight), 1);
    await flight.move(arrives);
  }

  private canMove({ tab, isOutbound }: Flight): boolean {
    return isOutbound || !this.frozen.has(tab);
  }

  freeze(tab: number): void {
    this.frozen.add(tab % this.tabs.length);
    this.at(tab).freeze();
  }

  thaw(tab: number): void {
    this.frozen.delete(tab % this.tabs.length);
    this.at(tab).thaw();
  }

  /** Time passes. No request is on its way for that long: each arrives, and each tab that is awake hears its answer. */
  async wait(seconds: number): Promise<void> {
    await this.arriveAll();
    // Whoever waits for the lock of a tab that is frozen has waited long enough.
    this.clock.ringAll();
    await this.arriveAll();
    this.app.clock.advance(seconds);
  }

  setClock(offsetSeconds: number): void {
    this.clock.offsetSeconds = offsetSeconds;
  }

  async arriveAll(): Promise<void> {
    await flush();
    for (let count = 0; count < 200 && this.flights.some((one) => this.canMove(one)); count++) {
      await this.hop(0, true);
      await flush();
    }
  }

  /** All tabs wake up, everything arrives, and the person answers. */
  async comeToRest(): Promise<void> {
    for (const tab of this.tabs.keys()) this.thaw(tab);
    for (let count = 0; count < 20; count++) {
      await this.arriveAll();
      for (const question of this.questions.splice(0)) question.answer(password);
      this.clock.ringAll();
      await flush();
    }
  }

  get states() {
    return this.tabs.map(({ session }) => session.state.status);
  }
}

/** Lets everything happen that needs nothing from outside. */
export async function flush(): Promise<void> {
  for (let count = 0; count < 4; count++) await new Promise((resolve) => setImmediate(resolve));
}
