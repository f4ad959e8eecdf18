import type { PGlite } from '@electric-sql/pglite';
import { LRUCache } from 'lru-cache';

/** How many prepared statements the embedded database keeps. */
export const maximumKept = 256;

type Send = PGlite['execProtocolStream'];
type Answers = Awaited<ReturnType<Send>>;

interface Statement {
  readonly name: string;
  /** What the database said of its parameters, and of the rows that it returns. */
  parameters: Answers | null;
  rows: Answers | null;
}

// The plan no longer fits a table that was changed, or somebody deallocated the statement (PostgreSQL, "Error Codes").
const outdated = new Set<unknown>(['0A000', '26000']);

const keeping = new WeakSet<PGlite>();

/**
 * Has the embedded database keep the statements that it prepared, as each connection to a Postgres keeps named ones.
 * PGlite has each statement parsed, described and planned anew, which takes longer than running it. The messages of the
 * next one with the same text are sent with the name of the kept one, or are not sent at all (PostgreSQL, "Extended
 * Query"). Those of one statement come one after the other: PGlite lets no others in between.
 */
export function keepStatements(client: PGlite): void {
  if (keeping.has(client)) return;
  keeping.add(client);
  const send: Send = client.execProtocolStream.bind(client);
  const leftBehind: string[] = [];
  // By the message that has the text.
  const kept = new LRUCache<string, Statement>({
    max: maximumKept,
    dispose: ({ name }) => leftBehind.push(name),
  });
  let names = 0;
  let current: { readonly key: string; readonly statement: Statement } | null = null;

  const parse: Send = async (message, options) => {
    for (const name of leftBehind.splice(0)) await send(closeMessage(name), options);
    const key = Buffer.from(message).toString('latin1');
    const known = kept.get(key);
    const statement = known ?? { name: `kept_${++names}`, parameters: null, rows: null };
    const answers = known ? [] : await send(named(message, 5, statement.name), options);
    if (!known) kept.set(key, statement);
    current = { key, statement };
    return answers;
  };

  client.execProtocolStream = async (message, options) => {
    const type = String.fromCharCode(message[0] as number);
    if (type === 'P') {
      current = null;
      // One that has a name is none of PGlite's own.
      return message[5] === 0 ? await parse(message, options) : await send(message, options);
    }
    if (!current) return await send(message, options);
    const { key, statement } = current;
    try {
      if (type === 'B') return await send(named(message, 6, statement.name), options);
      if (type !== 'D') return await send(message, options);
      if (message[5] === ofPortal) {
        statement.rows ??= await send(message, options);
        return statement.rows;
      }
      statement.parameters ??= await send(named(message, 6, statement.name), options);
      return statement.parameters;
    } catch (error) {
      if (outdated.has((error as { code?: unknown }).code)) kept.delete(key);
      throw error;
    } finally {
      if (type === 'S') current = null;
    }
  };
}

const ofPortal = 'P'.charCodeAt(0);

// One byte for the type, four for the length, which does not count the first, and then what the type has; a name ends
// with a zero (PostgreSQL, "Message Formats").
function named(message: Uint8Array, place: number, name: string): Uint8Array {
  const text = Buffer.from(name, 'latin1');
  const longer = Buffer.concat([message.subarray(0, place), text, message.subarray(place)]);
  longer.writeUInt32BE(longer.length - 1, 1);
  return longer;
}

function closeMessage(name: string): Uint8Array {
  return named(Buffer.from('C\0\0\0\0S\0', 'latin1'), 6, name);
}
