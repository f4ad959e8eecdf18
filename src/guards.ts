import { authGuards, type Guards } from '@sallyport/guards';

/**
 * Every guard of the API, by the name of its directive: those of the engine, and behind them one's own.
 *
 * @throws TypeError when one of them has the name of a guard of the engine, which it would replace
 */
export function createGuards(
  { freshSeconds }: { freshSeconds: number },
  own: Guards = {},
): ReturnType<typeof authGuards> & Guards {
  const guards = authGuards({ freshSeconds });
  const taken = Object.keys(own).filter((name) => name in guards);
  if (taken.length > 0) {
    throw new TypeError(`A guard of your own cannot have the name of @${taken.join(', @')}.`);
  }
  return { ...guards, ...own };
}
