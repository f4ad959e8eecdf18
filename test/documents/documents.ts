/** A text so many times, with blanks between. */
export const times = (count: number, text: string) => Array(count).fill(text).join(' ');

/** So many fields of any type, each with an alias. */
export const aliases = (count: number) =>
  Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ');

/** Braces in braces: `nested(2, 'me { ', 'id')` is `me { me { id}}`. */
export const nested = (depth: number, open: string, inside: string) =>
  `${open.repeat(depth)}${inside}${'}'.repeat(depth)}`;

/** The variable of the environment that sets a limit. */
export const variables = {
  tokens: 'DOCUMENT_MAX_TOKENS',
  depth: 'DOCUMENT_MAX_DEPTH',
  aliases: 'DOCUMENT_MAX_ALIASES',
  rootFields: 'DOCUMENT_MAX_ROOT_FIELDS',
  mutationFields: 'DOCUMENT_MAX_MUTATION_FIELDS',
  directives: 'DOCUMENT_MAX_DIRECTIVES',
  recursiveSelections: 'DOCUMENT_MAX_SELECTIONS',
  cost: 'DOCUMENT_MAX_COST',
};
