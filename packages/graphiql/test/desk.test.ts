import { expect, test } from 'vitest';
import { createDesk } from '../src/desk.ts';

const question = { maxAge: null, operationName: null, error: null };

test('dialogs for several accounts open one after the other, and none is lost', async () => {
  const desk = createDesk();
  const ada = desk.askPassword('ada', question);
  const eve = desk.askPassword('eve', question);
  const first = desk.state.question;
  expect(first?.username).toBe('ada');
  first?.reply('of ada');
  // A dialog that is taken away closes, and says so once more.
  first?.reply(null);
  const second = desk.state.question;
  expect([second?.username, second?.id === first?.id]).toEqual(['eve', false]);
  second?.reply('of eve');
  expect(desk.state.question).toBe(null);
  expect(await Promise.all([ada, eve])).toEqual(['of ada', 'of eve']);
});
