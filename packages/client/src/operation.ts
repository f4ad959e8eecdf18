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
  if (body == null) return describe(Object.fromEntries(new URLSearchParams(url.split('?')[1])));
  try {
    return describe(JSON.parse(body as string) ?? {});
  } catch {
    // The server says what is wrong with it.
    return unknown;
  }
}

function describe({ query, operationName }: { query?: unknown; operationName?: unknown }) {
  const operations = definitionsIn(String(query)).filter(({ kind }) => kind !== 'fragment');
  const named = operations.find(({ name }) => name && name === operationName);
  return (operations.length > 1 ? named : operations[0]) ?? unknown;
}

// Texts and comments come first, so that nothing is found in them.
const tokens = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*|[{}()]|[@$]?\w+\s*:?/g;

// Not a parser: the server has one. Outside of arguments, names are all that is needed.
function definitionsIn(query: string): Operation[] {
  const definitions: Operation[] = [];
  let names: string[][] = [[], []];
  let depth = 0;
  for (const [token] of query.matchAll(tokens)) {
    // By two, so that what is in parentheses is never at the root.
    if (/[()]/.test(token)) depth += token === '(' ? 2 : -2;
    else if (token === '{') depth++;
    else if (token === '}' && --depth < 1) {
      const [[kind = 'query', name = null] = [], words = []] = names;
      definitions.push({ kind, name, words });
      names = [[], []];
    } else if (/^\w+\s*$/.test(token)) names[depth]?.push(token.trim());
  }
  return definitions;
}
