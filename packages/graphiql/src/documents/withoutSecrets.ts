// Names of arguments and variables behind which something secret stands.
const secretName = /pass(word|phrase|wd)|secret|token|credential|api_?key/i;
const jsonWebToken = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const text = /"""[\s\S]*?(?:"""|$)|"(?:[^"\\\n]|\\.)*(?:"|$)/gm;

export interface WrittenDocument {
  readonly query: string;
  readonly variables: string;
}

/**
 * A document as it may be kept in the browser, or put into a link. One that speaks of a password or a token loses all
 * of its texts and its variables, whichever of them it was: more than needed, and nothing that is only half written
 * slips through.
 */
export function withoutSecrets({ query, variables }: WrittenDocument): WrittenDocument {
  const withoutTokens = query.replaceAll(jsonWebToken, '…');
  if (!secretName.test(query) && !secretName.test(variables)) {
    return { query: withoutTokens, variables: variables.replaceAll(jsonWebToken, '…') };
  }
  return { query: withoutTokens.replaceAll(text, '""'), variables: '' };
}
