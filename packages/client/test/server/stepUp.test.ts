import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { reasonOf } from '../../src/index.ts';
import { clients } from '../support/clients.ts';
import {
  createGate,
  createItem,
  deviceClock,
  itemName,
  openTab,
  password,
  type Service,
  sharedStorage,
  signUpStale,
  startService,
} from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => service.wire.forget());
afterAll(() => service.close());

const fieldsSent = () => service.wire.passages.map(({ field }) => field);
const freshRequired = {
  message: 'Enter your password again: a fresh token is needed.',
  extensions: { code: 'UNAUTHENTICATED', reason: 'FRESH_TOKEN_REQUIRED', maxAge: 300 },
};

describe.each(clients)('$name', ({ connect }) => {
  test('asks for the password once, and repeats the mutation', async () => {
    const tab = openTab(service);
    await signUpStale(tab, service);
    const [name, send] = [itemName(), connect(tab.session, service.wire)];
    expect(await send(createItem, { name })).toMatchObject({ createItem: { name } });
    expect(tab.questions).toEqual([{ maxAge: 300, operationName: 'CreateItem', error: null }]);
    expect(fieldsSent()).toEqual(['createItem', 'freshLogin', 'createItem']);
    expect(tab.session.state).toMatchObject({ fresh: true });
  });

  test('asks again with the reason when the password was wrong', async () => {
    const answers = ['a wrong password', 'another wrong one', password];
    const tab = openTab(service, { person: () => answers.shift() ?? null });
    await signUpStale(tab, service);
    const [name, send] = [itemName(), connect(tab.session, service.wire)];
    expect(await send(createItem, { name })).toMatchObject({ createItem: { name } });
    const wrong = { reason: 'INVALID_CREDENTIALS', message: 'Wrong username or password.' };
    expect(tab.questions.map(({ error }) => error)).toMatchObject([null, wrong, wrong]);
  });

  test('passes the error to the caller when the person enters no password', async () => {
    const tab = openTab(service, { person: () => null });
    await signUpStale(tab, service);
    const sending = connect(tab.session, service.wire)(createItem, { name: itemName() });
    expect(reasonOf(await sending.catch((error: unknown) => error))).toBe('FRESH_TOKEN_REQUIRED');
    expect(fieldsSent()).toEqual(['createItem']);
  });

  test('does not ask for a query, unless the caller says so', async () => {
    const tab = openTab(service, { person: () => null });
    await signUpStale(tab, service);
    const send = connect(tab.session, service.wire);
    const create = () => send(createItem, { name: itemName() }, { askPassword: false });
    expect(reasonOf(await create().catch((error: unknown) => error))).toBe('FRESH_TOKEN_REQUIRED');
    expect(tab.questions).toEqual([]);
  });
});

test('all waiting operations share one dialog', async () => {
  const { gate, open: answer } = createGate();
  const tab = openTab(service, { person: () => gate.then(() => password) });
  await signUpStale(tab, service);
  const answers = [1, 2, 3, 4, 5].map(() => tab.ask(createItem, { name: itemName() }));
  await eventually(() => expect(tab.questions).toHaveLength(1));
  await eventually(() =>
    expect(service.wire.passages.filter(({ field }) => field === 'createItem')).toHaveLength(5),
  );
  answer();
  expect((await Promise.all(answers)).map(({ errors }) => errors)).toEqual(
    Array(5).fill(undefined),
  );
  expect(tab.questions).toHaveLength(1);
  expect(service.wire.count('freshLogin')).toBe(1);
  expect(service.wire.count('createItem')).toBe(10);
});

test('a query that needs a fresh token opens the dialog when its caller says so', async () => {
  const tab = openTab(service, { person: () => null });
  await signUpStale(tab, service);
  service.wire.plan('me', {
    status: 200,
    body: JSON.stringify({ data: { me: null }, errors: [freshRequired] }),
    type: 'application/json',
  });
  service.wire.plan('me', {
    status: 200,
    body: JSON.stringify({ data: { me: null }, errors: [freshRequired] }),
    type: 'application/json',
  });
  await tab.ask('{ me { username } }');
  expect(tab.questions).toEqual([]);
  await tab.ask('{ me { username } }', {}, { askPassword: true });
  expect(tab.questions).toHaveLength(1);
});

test('without a dialog, the error is returned to the caller', async () => {
  const tab = openTab(service, { askPassword: undefined as never });
  await signUpStale(tab, service);
  const { errors } = await tab.ask(createItem, { name: itemName() });
  expect(errors).toMatchObject([freshRequired]);
});

test('a token that is expired and stale causes a refresh, then the dialog, then a repeat', async () => {
  const clock = deviceClock(service.app);
  const tab = openTab(service, { clock });
  await signUpStale(tab, service);
  service.app.clock.advance(1000);
  clock.offsetSeconds = -1000;
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(fieldsSent()).toEqual(['createItem', 'refresh', 'createItem', 'freshLogin', 'createItem']);
  expect(tab.questions).toHaveLength(1);
});

test('a token that expires while the person types is refreshed', async () => {
  const tab = openTab(service, {
    person() {
      service.app.clock.advance(1000);
      return password;
    },
  });
  await signUpStale(tab, service);
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(fieldsSent()).toEqual(['createItem', 'refresh', 'freshLogin', 'createItem']);
});

test('a token that expires while the person types is refreshed when the clock of the device is wrong', async () => {
  const clock = deviceClock(service.app);
  const tab = openTab(service, {
    clock,
    person() {
      service.app.clock.advance(1000);
      clock.offsetSeconds -= 1000;
      return password;
    },
  });
  await signUpStale(tab, service);
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(fieldsSent()).toEqual(['createItem', 'freshLogin', 'refresh', 'freshLogin', 'createItem']);
});

test('a confirmation that is stale at the repeat is asked for again', async () => {
  const tab = openTab(service);
  await signUpStale(tab, service);
  const { gate, open: go } = createGate();
  service.wire.plan('createItem', 'pass', { before: gate });
  const sending = tab.ask(createItem, { name: itemName() });
  await eventually(() => expect(service.wire.count('createItem')).toBe(2));
  service.app.clock.advance(1000);
  go();
  expect((await sending).errors).toBeUndefined();
  expect(tab.questions).toHaveLength(2);
});

test('between the confirmation and the repeat no tab refreshes early', async () => {
  const browser = sharedStorage();
  const tab = openTab(service, { storage: browser.openTab().storage });
  await signUpStale(tab, service);
  const other = openTab(service, { storage: browser.openTab().storage });
  const { gate, open: go } = createGate();
  service.wire.plan('createItem', 'pass', { before: gate });
  const sending = tab.ask(createItem, { name: itemName() });
  await eventually(() => expect(service.wire.count('createItem')).toBe(2));
  // Near the end of the token that was confirmed 200 seconds ago, were it not fresh.
  service.app.clock.advance(200);
  other.clock.offsetSeconds = 690;
  await other.ask('{ me { username } }');
  await other.session.accessToken();
  go();
  expect((await sending).errors).toBeUndefined();
  expect(service.wire.count('refresh')).toBe(0);
  expect(tab.questions).toHaveLength(1);
});

test('a refresh of another tab during the confirmation does not make the token stale', async () => {
  const browser = sharedStorage();
  const tab = openTab(service, { storage: browser.openTab('a').storage });
  await signUpStale(tab, service);
  const other = openTab(service, { storage: browser.openTab('b').storage });
  const { gate, open: answer } = createGate();
  service.wire.plan('refresh', { after: gate });
  other.clock.offsetSeconds = 890;
  const refreshing = other.session.accessToken();
  await eventually(() => expect(service.wire.count('refresh')).toBe(1));
  await tab.session.freshen(password);
  answer();
  await refreshing;
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(tab.questions).toEqual([]);
  expect([tab.ends, other.ends]).toEqual([[], []]);
});

test('a refresh that ends after a confirmation keeps the fresh access token, and adds its refresh token', async () => {
  const browser = sharedStorage();
  const tab = openTab(service, { storage: browser.openTab('a').storage });
  await signUpStale(tab, service);
  const other = openTab(service, { storage: browser.openTab('b').storage });
  const { gate, open: arrive } = createGate();
  service.wire.plan('refresh', { before: gate });
  other.clock.offsetSeconds = 890;
  const refreshing = other.session.accessToken();
  await eventually(() => expect(service.wire.count('refresh')).toBe(1));
  await tab.session.freshen(password);
  arrive();
  await refreshing;
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(tab.questions).toEqual([]);
  // Another tab has just begun the next refresh: only the newest refresh token goes on beside it.
  service.app.clock.advance(1000);
  const { gate: kept, open: answer } = createGate();
  service.wire.forget();
  service.wire.plan('refresh', { after: kept });
  const otherAsking = other.ask('{ me { username } }');
  await eventually(() => expect(service.wire.passages[0]?.ran).toBe(true));
  expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
  answer();
  expect((await otherAsking).errors).toBeUndefined();
  expect([tab.ends, other.ends]).toEqual([[], []]);
});

test('after a sign-out during the dialog the password is not sent', async () => {
  const { gate, open: answer } = createGate();
  const tab = openTab(service, { person: () => gate.then(() => password) });
  await signUpStale(tab, service);
  const sending = tab.ask(createItem, { name: itemName() });
  await eventually(() => expect(tab.questions).toHaveLength(1));
  await tab.session.signOut();
  answer();
  expect((await sending).errors).toMatchObject([freshRequired]);
  expect(service.wire.count('freshLogin')).toBe(0);
});

test('a mutation that a password would not help opens no dialog', async () => {
  const tab = openTab(service);
  await signUpStale(tab, service);
  const both = 'mutation { deleteItem(name: "x") createItem(name: "x", price: 1) { name } }';
  const { errors } = await tab.ask(both);
  expect(errors?.map(({ extensions }) => extensions?.['reason'])).toEqual([
    'ADMIN_REQUIRED',
    'FRESH_TOKEN_REQUIRED',
  ]);
  expect(tab.questions).toEqual([]);
});

test('an abort of one waiting operation leaves the dialog open for the others', async () => {
  const { gate, open: answer } = createGate();
  const tab = openTab(service, { person: () => gate.then(() => password) });
  await signUpStale(tab, service);
  const unmounted = new AbortController();
  const one = tab.ask(createItem, { name: itemName() }, { signal: unmounted.signal });
  const other = tab.ask(createItem, { name: itemName() });
  await eventually(() => expect(service.wire.count('createItem')).toBe(2));
  unmounted.abort();
  await expect(one).rejects.toMatchObject({ name: 'AbortError' });
  answer();
  expect((await other).errors).toBeUndefined();
  expect(service.wire.count('createItem')).toBe(3);
});

test('a dialog that fails rejects its operations, and the next operation opens a dialog again', async () => {
  const answers = [() => Promise.reject(new Error('no dialog')), () => password];
  const tab = openTab(service, { person: () => answers.shift()?.() ?? null });
  await signUpStale(tab, service);
  await expect(tab.ask(createItem, { name: itemName() })).rejects.toThrow('no dialog');
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
});

test('a connection that fails at the confirmation rejects the operation, and the session does not end', async () => {
  const tab = openTab(service);
  await signUpStale(tab, service);
  service.wire.plan('freshLogin', 'cutAfter');
  await expect(tab.ask(createItem, { name: itemName() })).rejects.toThrow(TypeError);
  service.app.clock.advance(1000);
  expect((await tab.ask(createItem, { name: itemName() })).errors).toBeUndefined();
  expect(tab.ends).toEqual([]);
});
