import { randomUUID } from 'node:crypto';
import { password, startApp, type TestApp } from '../../../../test/support/app.ts';
import {
  type Answer,
  type AuthErrorReason,
  type Clock,
  createSession,
  type PasswordQuestion,
  type Session,
  type SessionOptions,
  type SessionStorage,
} from '../../src/index.ts';
import { startWire, type Wire } from './wire.ts';

export { password };

/** The real server on a real port, behind a wire, with a clock that stands still until it is moved. */
export interface Service {
  readonly app: TestApp;
  readonly wire: Wire;
  readonly close: () => Promise<void>;
}

export async function startService(environment: Record<string, string> = {}): Promise<Service> {
  const app = await startApp({ environment });
  const address = await app.http.listen({ host: '127.0.0.1', port: 0 });
  const wire = await startWire(`${address}/graphql`);
  return {
    app,
    wire,
    async close() {
      await wire.close();
      await app.close();
    },
  };
}

/** The clock of a device, and the alarms that were set on it: they ring when a test says so. */
export interface DeviceClock extends Clock {
  offsetSeconds: number;
  /** How many alarms are set. */
  readonly alarms: number;
  ringAll(): void;
}

export function deviceClock({ clock }: TestApp, offsetSeconds = 0): DeviceClock {
  const alarms = new Set<() => void>();
  return {
    offsetSeconds,
    get alarms() {
      return alarms.size;
    },
    now() {
      return clock.now.getTime() + this.offsetSeconds * 1000;
    },
    setAlarm(_milliseconds, ring) {
      alarms.add(ring);
      return () => void alarms.delete(ring);
    },
    ringAll() {
      for (const ring of [...alarms]) ring();
      alarms.clear();
    },
  };
}

export interface Tab {
  readonly session: Session;
  readonly clock: DeviceClock;
  /** What `onEnd` was called with. */
  readonly ends: (AuthErrorReason | null)[];
  /** What the person was asked. */
  readonly questions: PasswordQuestion[];
  /** Sends an operation with plain `fetch`. */
  ask(query: string, variables?: object, init?: object): Promise<Answer>;
}

type Person = (question: PasswordQuestion) => string | null | Promise<string | null>;

/** Opens a tab of the page: nobody is signed in, unless its storage says otherwise. */
export function openTab(
  { app, wire }: Service,
  {
    person = () => password,
    clock = deviceClock(app),
    ...options
  }: Partial<SessionOptions> & { person?: Person; clock?: DeviceClock } = {},
): Tab {
  const ends: (AuthErrorReason | null)[] = [];
  const questions: PasswordQuestion[] = [];
  const session = createSession({
    url: wire.url,
    singleUser: true,
    clock,
    onEnd: (reason) => void ends.push(reason),
    askPassword(question) {
      questions.push(question);
      return person(question);
    },
    ...options,
  });
  return {
    session,
    clock,
    ends,
    questions,
    ask: (query, variables = {}, init = {}) => ask(session, wire, query, variables, init),
  };
}

async function ask(
  session: Session,
  { url }: Wire,
  query: string,
  variables: object,
  init: object,
) {
  const response = await session.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    ...init,
  });
  return (await response.json()) as Answer;
}

/** Registers somebody new in a tab, and forgets the requests that it took. */
export async function signUp({ session }: Tab, { wire }: Service): Promise<string> {
  const username = `user-${randomUUID()}`;
  await session.register({ username, password });
  wire.forget();
  return username;
}

/** Signs somebody in whose token is not fresh: it has been refreshed. */
export async function signUpStale(tab: Tab, service: Service): Promise<string> {
  const username = await signUp(tab, service);
  await makeStale(tab, service);
  return username;
}

/** Lets the access token run out and be refreshed, so that it is no longer fresh. */
export async function makeStale(tab: Tab, { app, wire }: Service): Promise<void> {
  app.clock.advance(1000);
  await tab.session.accessToken();
  wire.forget();
}

export function itemName(): string {
  return `item ${randomUUID()}`;
}

export const createItem = `mutation CreateItem($name: String!) {
  createItem(name: $name, price: 1) { name }
}`;

/** Several tabs of one browser: each is told, a little later, what another wrote. */
export function sharedStorage() {
  const tabs = new Set<{ isFrozen: boolean; missed: boolean; listener: () => void }>();
  let stored: string | null = null;
  return {
    get value() {
      return stored;
    },
    set value(value: string | null) {
      stored = value;
    },
    openTab(name = 'test') {
      const tab = { isFrozen: false, missed: false, listener: () => {} };
      tabs.add(tab);
      const storage: SessionStorage = {
        name,
        read: () => stored,
        write(value) {
          stored = value;
          for (const other of tabs) {
            if (other === tab) continue;
            if (other.isFrozen) other.missed = true;
            else queueMicrotask(other.listener);
          }
        },
        subscribe(listener) {
          tab.listener = listener;
          return () => void tabs.delete(tab);
        },
      };
      return {
        storage,
        /** A frozen tab hears of nothing. */
        freeze() {
          tab.isFrozen = true;
        },
        thaw() {
          tab.isFrozen = false;
          if (tab.missed) tab.listener();
          tab.missed = false;
        },
      };
    },
  };
}

/** Something to wait for until a test says so. */
export function createGate() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}

/** Opens tabs of one browser, which share what is stored; each can be frozen. */
export function openTabs(service: Service, count: number) {
  const browser = sharedStorage();
  const opened = Array.from({ length: count }, () => {
    const { storage, freeze, thaw } = browser.openTab();
    const clock = deviceClock(service.app);
    return Object.assign(openTab(service, { storage, clock }), { freeze, thaw });
  });
  type Opened = (typeof opened)[number];
  return { browser, tabs: opened as [Opened, Opened, ...Opened[]] };
}

export const isSignedIn = ({ session }: Tab) => session.state.status === 'signedIn';
