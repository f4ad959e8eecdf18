import type { z } from 'zod';
import { largestInt, wholeNumber } from './wholeNumber.ts';

/** How much a document, and each operation in it, may have. */
export interface DocumentLimits {
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: { readonly query: number; readonly mutation: number };
  readonly directives: number;
  readonly recursiveSelections: number;
  readonly cost: number;
}

// The parser and the rules of GraphQL call themselves for each level of nesting, and each level takes two tokens: up to
// this many, the stack does not end before the document does.
const maximumTokens = 2500;
const limit = wholeNumber(1, largestInt);

/** The variables of the environment that set the limits. */
export const documentLimitVariables = {
  DOCUMENT_MAX_TOKENS: wholeNumber(1, maximumTokens).default(1000),
  DOCUMENT_MAX_DEPTH: limit.default(8),
  DOCUMENT_MAX_ALIASES: limit.default(15),
  DOCUMENT_MAX_ROOT_FIELDS: limit.default(20),
  DOCUMENT_MAX_MUTATION_FIELDS: limit.default(5),
  DOCUMENT_MAX_DIRECTIVES: limit.default(50),
  DOCUMENT_MAX_SELECTIONS: limit.default(10_000),
  DOCUMENT_MAX_COST: limit.default(5000),
};

export function toDocumentLimits(
  env: z.infer<z.ZodObject<typeof documentLimitVariables>>,
): DocumentLimits {
  return {
    tokens: env.DOCUMENT_MAX_TOKENS,
    depth: env.DOCUMENT_MAX_DEPTH,
    aliases: env.DOCUMENT_MAX_ALIASES,
    rootFields: {
      query: env.DOCUMENT_MAX_ROOT_FIELDS,
      mutation: env.DOCUMENT_MAX_MUTATION_FIELDS,
    },
    directives: env.DOCUMENT_MAX_DIRECTIVES,
    recursiveSelections: env.DOCUMENT_MAX_SELECTIONS,
    cost: env.DOCUMENT_MAX_COST,
  };
}
