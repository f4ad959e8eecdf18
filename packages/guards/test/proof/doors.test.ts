import { type Authentication, callers, guardSchema, rejectedCallers } from '@sallyport/guards';
import fc from 'fast-check';
import { getOperationAST, parse } from 'graphql';
import { test } from 'vitest';
import { compareToRules } from '../../src/proof/proveAccess.ts';
import { standInsFor } from '../../src/proof/standIns.ts';
import { stubSchema } from '../../src/proof/stubSchema.ts';
import { caller, guards, sightDirectives, unguardedSchema } from '../guardedSchema.ts';
import { randomOperation } from './randomOperation.ts';
import { randomSchema } from './randomSchema.ts';

const everyone: Authentication[] = [
  ...Object.values(callers),
  ...Object.values(rejectedCallers),
  caller(),
  caller({ isAdmin: true, passwordAgeSeconds: 100 }),
  caller({ scopes: ['a', 'b'] }),
  caller({ scopes: ['a'], isAdmin: true }),
];
const operationsEach = 2;
const standIns = standInsFor(guards);

test('in any schema, any operation of any caller runs the fields that the rules allow, and no others', async () => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.nat(), async (take, seed) => {
      const sdl = randomSchema(take, { forStub: true });
      const stub = stubSchema(unguardedSchema(`${sightDirectives} ${sdl}`), guards);
      const guarded = guardSchema(stub, { guards: standIns });
      // The same type at the same place for the doors and the rules, whichever comes first.
      const chooseType = (place: string, names: readonly string[]) =>
        names[(place.length * 7 + seed) % names.length] ?? '';
      for (let count = 0; count < operationsEach; count += 1) {
        const source = randomOperation(take, guarded);
        const document = parse(source);
        const operation = getOperationAST(document);
        if (!operation) throw new TypeError('Expected an operation.');
        for (const one of everyone) {
          const request = {
            document,
            operation,
            variables: { yes: true, no: false },
            caller: one,
            chooseType,
            isOwn: seed % 2 === 0,
          };
          const difference = await compareToRules(stub, guarded, standIns, request);
          if (difference)
            throw new Error(`${sdl}\n${source}\n${JSON.stringify(one)}\n${difference}`);
        }
      }
    }),
    { numRuns: process.env['CI'] ? 600 : 50, endOnFailure: true },
  );
}, 300_000);
