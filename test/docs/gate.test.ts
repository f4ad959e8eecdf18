import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  authGuards,
  authTypeDefs,
  guardSchema,
  mapAccess,
  printRequirement,
} from '@sallyport/guards';
import { expect, test } from 'vitest';
import { blocksOf } from '../support/documentation.ts';

test('in docs/gate.md, a field is guarded by the directives that its comment names', () => {
  const [block] = blocksOf('guarded');
  const guards = authGuards({ freshSeconds: 300 });
  const typeDefs = [authTypeDefs, block?.code ?? ''];
  const map = mapAccess(guardSchema(makeExecutableSchema({ typeDefs }), { guards }), { guards });
  const [, contract = ''] = block?.code.split('type Contract') ?? [];
  const said = [...contract.matchAll(/^ {2}(\w+): .* # (.*@.*)$/gm)];
  expect(said).toHaveLength(2);
  for (const [, field, comment = ''] of said) {
    const access = map.find(({ coordinate }) => coordinate === `Contract.${field}`);
    expect(access?.requirements.map(printRequirement)).toEqual(comment.match(/@\w+/g));
  }
});
