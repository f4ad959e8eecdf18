import { authGuards, type Guards } from './auth/index.ts';

/** Every guard of the API, by the name of its directive. A new one is one line here and its directive in schema/. */
export function createGuards({ freshSeconds }: { freshSeconds: number }) {
  return { ...authGuards({ freshSeconds }) } satisfies Guards;
}
