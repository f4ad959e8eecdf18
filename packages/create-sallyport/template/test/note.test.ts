import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTestServer, proveAccess, type TestServer } from 'sallyport/test';
import definition from '../sallyport.config.ts';

let server: TestServer;
before(async () => {
  server = await createTestServer(definition);
});
after(() => server.close());

test('a note is read by whoever wrote it, and by nobody else', async () => {
  const ada = await server.asUser();
  const eve = await server.asUser();
  const { data } = await server.ask('mutation { createNote(text: "Buy milk") { text } }', ada);
  assert.deepEqual(data, { createNote: { text: 'Buy milk' } });
  const list = async (caller: typeof ada) => (await server.ask('{ notes { text } }', caller)).data;
  assert.deepEqual(await list(ada), { notes: [{ text: 'Buy milk' }] });
  assert.deepEqual(await list(eve), { notes: [] });
});

test('without a token there are no notes, and the error says so', async () => {
  const { errors } = await server.ask('{ notes { text } }');
  assert.equal(errors[0]?.extensions?.['reason'], 'TOKEN_MISSING');
});

test('a user counts their own notes, and nobody else counts them', async () => {
  const ada = await server.asUser();
  const eve = await server.asUser();
  await server.ask('mutation { createNote(text: "Buy milk") { text } }', ada);
  const { id } = (await server.ask('{ me { id } }', ada)).data.me;
  const count = async (caller: typeof ada) =>
    await server.ask(`{ noteCount(userId: "${id}") }`, caller);
  assert.deepEqual((await count(ada)).data, { noteCount: 1 });
  assert.equal((await count(eve)).errors[0]?.extensions?.['reason'], 'SELF_REQUIRED');
});

test('a program writes notes only with a token for that', async () => {
  const ada = await server.asUser();
  const make = async (scopes: string) => {
    const mutation = `mutation { createApiToken(name: "x", scopes: ${scopes}) { token } }`;
    const { data } = await server.ask(mutation, ada);
    return data.createApiToken.token as string;
  };
  const write = async (token: string) =>
    await server.ask('mutation { createNote(text: "Buy milk") { text } }', { token });
  const { errors } = await write(await make('[]'));
  assert.equal(errors[0]?.extensions?.['reason'], 'SCOPE_REQUIRED');
  assert.deepEqual((await write(await make('["notes:write"]'))).errors, []);
});

test('notes are removed only soon after a password check', async () => {
  const ada = await server.asUser();
  const stale = await server.ask('mutation { deleteNotes }', await server.stale(ada));
  assert.equal(stale.errors[0]?.extensions?.['reason'], 'FRESH_TOKEN_REQUIRED');
  const eve = await server.asUser();
  assert.deepEqual((await server.ask('mutation { deleteNotes }', eve)).data, { deleteNotes: 0 });
  server.clock.advance(301);
  const late = await server.ask('mutation { deleteNotes }', eve);
  assert.equal(late.errors[0]?.extensions?.['reason'], 'FRESH_TOKEN_REQUIRED');
});

test('nobody gets around the guards', async () => {
  await proveAccess(definition);
});
