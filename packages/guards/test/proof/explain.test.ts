import {
  type Authentication,
  callers,
  describeAccess,
  explainOperation,
  guardSchema,
  judgeOperation,
  rejectedCallers,
  signedIn,
} from '@sallyport/guards';
import fc from 'fast-check';
import { type GraphQLError, getOperationAST, parse } from 'graphql';
import { test } from 'vitest';
import { guards as allGuards, unguardedSchema } from '../guardedSchema.ts';
import { randomOperation } from './randomOperation.ts';
import { randomSchema } from './randomSchema.ts';

// What a guard of the server's own says of a user cannot be explained, so this one says yes.
const guards = { ...allGuards, verified: signedIn(() => null) };
const everyone: Authentication[] = [...Object.values(callers), ...Object.values(rejectedCallers)];

test('the explanation of an operation agrees with both doors, in any schema, for any caller', () => {
  fc.assert(
    fc.property(fc.gen(), (take) => {
      const sdl = randomSchema(take);
      const schema = guardSchema(unguardedSchema(sdl), { guards });
      for (let count = 0; count < 3; count += 1) {
        const source = randomOperation(take, schema);
        const document = parse(source);
        const operation = getOperationAST(document);
        if (!operation) throw new TypeError('Expected an operation.');
        const access = describeAccess(schema, document, operation);
        for (const caller of everyone) {
          const explained = explainOperation({ schema, guards }, { document, operation }, caller);
          const differences = [
            compare(judgeOperation(access, caller, {}), explained.refusedWhole),
            ...explained.fields.map(({ path, verdict }) => {
              const above = path
                .split('.')
                .slice(0, -1)
                .join('.')
                .replace(/ \(\w+\)$/, '');
              const isBehind = explained.fields.some(
                (field) =>
                  field.path === above && ['refused', 'not reached'].includes(field.verdict),
              );
              const isOpen = explained.fields.some(
                (field) => field.path === above && ['allowed', 'depends'].includes(field.verdict),
              );
              if (isBehind && !isOpen)
                return verdict === 'not reached' ? null : `${path}: ${verdict}`;
              return isBehind || verdict !== 'not reached' ? null : `${path}: ${verdict}`;
            }),
          ].filter(Boolean);
          if (differences.length > 0)
            throw new Error([sdl, source, JSON.stringify(caller), ...differences].join('\n'));
        }
      }
    }),
    { numRuns: process.env['CI'] ? 300 : 60, endOnFailure: true },
  );
}, 120_000);

function compare(
  judged: readonly GraphQLError[],
  explained: readonly GraphQLError[],
): string | null {
  const [doors, told] = [judged, explained].map((errors) =>
    errors
      .map(({ message, extensions }) => JSON.stringify([message, extensions]))
      .toSorted()
      .join(),
  );
  return doors === told ? null : `the first door says ${doors}, explain says ${told}`;
}
