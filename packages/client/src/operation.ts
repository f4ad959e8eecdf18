/** What a request asks for, as far as it can be told from its text. */
export interface Operation {
  /** The word that it begins with: `query` also where that is left out. Null when nothing can be told. */
  readonly kind: string | null;
  readonly name: string | null;
  /** The names at its root, without aliases: those of its fields are among them. */
  readonly words: readonly string[];
}

const unknown: Operation = { kind: null, name: null, words: [] };

/** Reads the operation out of the body of a POST or, without one, out of the URL of a GET. */
export function readOperation(url: string, body: unknown): Operation {
  if (typeof body === 'string') {
    try {
      return describe(JSON.parse(body) ?? {});
    } catch {
      // The server says what is wrong with it.
      return unknown;
    }
  }
  const parameters = new URLSearchParams(url.split('?')[1]);
  const [query, operationName] = ['query', 'operationName'].map((name) => parameters.get(name));
  return body == null ? describe({ query, operationName }) : unknown;
}

function describe({
  query,
  operationName,
}: {
  query?: unknown;
  operationName?: unknown;
}): Operation {
  if (typeof query !== 'string') return unknown;
  const operations = definitionsOf(query).filter(({ kind }) => kind !== 'fragment');
  const [only = unknown, ...others] = operations;
  if (others.length === 0) return only;
  return operations.find(({ name }) => name !== null && name === operationName) ?? unknown;
}

// Not a parser: the server has one. Between braces, without texts, comments and arguments, names are all that is left.
function definitionsOf(query: string): Operation[] {
  let text = query.replace(/"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*/g, ' ');
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/\([^()]*\)/g, ' ');
  }
  const definitions: Operation[] = [];
  let depth = 0;
  let head = '';
  let body = '';
  for (const part of text.split(/([{}])/)) {
    if (part === '{') depth++;
    else if (part === '}') {
      if (--depth > 0) continue;
      const [, kind = 'query', name = null] = /^\W*(\w+)?\s*(\w+)?/.exec(head) ?? [];
      const words = body.replace(/\w+\s*:/g, ' ').match(/\w+/g) ?? [];
      definitions.push({ kind, name, words });
      head = body = '';
    } else if (depth === 0) head += part;
    else if (depth === 1) body += part;
  }
  return definitions;
}
