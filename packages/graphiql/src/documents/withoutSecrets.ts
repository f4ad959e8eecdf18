import { Lexer, Source, type Token, TokenKind } from 'graphql';

// Names of arguments and variables behind which something secret stands.
const secretName = /pass(word|phrase|wd)|secret|token|credential|api_?key/i;
// JSON Web Tokens and API tokens, wherever they stand.
const tokens = /eyJ[\w-]+\.[\w-]+\.[\w-]*|\bsp_[\w-]{16,}/g;
// A comment that speaks of a secret and then has something behind a colon.
const telling = /(?:pass(?:word|phrase|wd)|secret|token|credential|api_?key)[^\n]*[:=]/i;

export interface WrittenDocument {
  readonly query: string;
  readonly variables: string;
}

/**
 * A document as it may be kept in the browser, or put into a link. One that gives a password or a token loses all of
 * its texts, comments and variables, whichever of them it was: more than needed, and nothing that is only half written
 * slips through.
 */
export function withoutSecrets({ query, variables }: WrittenDocument): WrittenDocument {
  const { all, isWhole } = read(query);
  const isSecret =
    secretName.test(variables) ||
    all.some(isTellingComment) ||
    all.filter(({ kind }) => kind !== TokenKind.COMMENT).some(isSecretGiven) ||
    // From where it cannot be read on, it may be anything.
    (!isWhole && secretName.test(query));
  if (!isSecret) {
    return { query: query.replaceAll(tokens, '…'), variables: variables.replaceAll(tokens, '…') };
  }
  return { query: blank(query, all).replaceAll(tokens, '…'), variables: '' };
}

/** What the document is made of, as far as it can be read. */
function read(query: string): { all: readonly Token[]; isWhole: boolean } {
  const lexer = new Lexer(new Source(query));
  const all: Token[] = [];
  try {
    for (let token = lexer.lookahead(); token.kind !== TokenKind.EOF; token = lexer.lookahead()) {
      // `lookahead` passes over comments, which hang between the others.
      for (let next = lexer.token.next; next && next !== token; next = next.next) all.push(next);
      all.push(token);
      lexer.advance();
    }
    for (let next = lexer.token.next; next; next = next.next) all.push(next);
    return { all, isWhole: true };
  } catch {
    return { all, isWhole: false };
  }
}

const givers: readonly TokenKind[] = [
  TokenKind.COLON,
  TokenKind.EQUALS,
  TokenKind.STRING,
  TokenKind.BLOCK_STRING,
];

function isTellingComment({ kind, value }: Token): boolean {
  return kind === TokenKind.COMMENT && telling.test(value);
}

function isSecretGiven({ kind, value }: Token, at: number, all: readonly Token[]): boolean {
  if (kind !== TokenKind.NAME || !secretName.test(value)) return false;
  const [before, after] = [all[at - 1], all[at + 1]];
  return before?.kind === TokenKind.DOLLAR || (after !== undefined && givers.includes(after.kind));
}

function blank(query: string, all: readonly Token[]): string {
  let [blanked, end] = ['', 0];
  for (const token of all) {
    const isText = token.kind === TokenKind.STRING || token.kind === TokenKind.BLOCK_STRING;
    const shown = isText
      ? '""'
      : token.kind === TokenKind.COMMENT
        ? '#'
        : query.slice(token.start, token.end);
    blanked += query.slice(end, token.start) + shown;
    ({ end } = token);
  }
  return blanked;
}
