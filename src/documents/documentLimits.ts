import { fieldsOn } from '@sallyport/guards';
import {
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { DocumentLimits } from '../config/documentLimitSettings.ts';
import { createCounter, type DocumentCounts } from './documentCounts.ts';

interface Limit {
  readonly name: keyof DocumentCounts | 'rootFields';
  /** What a message begins with. */
  readonly tooMuch: string;
  readonly maximum: (limits: DocumentLimits, operation: OperationDefinitionNode) => number;
}

/** Every limit of an operation, in the order in which errors name them. The parser enforces the limit of tokens. */
const operationLimits: readonly Limit[] = [
  { name: 'depth', tooMuch: 'Too many levels of fields', maximum: ({ depth }) => depth },
  { name: 'aliases', tooMuch: 'Too many aliases', maximum: ({ aliases }) => aliases },
  {
    name: 'rootFields',
    tooMuch: 'Too many fields at the root',
    maximum: ({ rootFields: { query, mutation } }, { operation }) =>
      operation === 'mutation' ? mutation : query,
  },
  { name: 'directives', tooMuch: 'Too many directives', maximum: ({ directives }) => directives },
  {
    name: 'recursiveSelections',
    tooMuch: 'Too many selections, fragments counted wherever they are used',
    maximum: ({ recursiveSelections }) => recursiveSelections,
  },
  { name: 'cost', tooMuch: 'Too high a cost', maximum: ({ cost }) => cost },
];

/**
 * A validation rule: every operation of a document must stay within the limits, those that do not run included. A limit
 * is reported once, for the first operation that exceeds it, and before other rules look at the document.
 */
export function documentLimits(limits: DocumentLimits): ValidationRule {
  return (context) => ({
    Document({ definitions }) {
      const count = createCounter(context.getSchema(), (name) => context.getFragment(name));
      const reported = new Set<string>();
      for (const operation of definitions) {
        if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
        const counts = { ...count(operation), rootFields: countRootFields(context, operation) };
        for (const limit of operationLimits) {
          const maximum = limit.maximum(limits, operation);
          if (counts[limit.name] <= maximum || reported.has(limit.name)) continue;
          reported.add(limit.name);
          context.reportError(limitError(limit, maximum, operation, counts[limit.name]));
        }
      }
    },
  });
}

// Each occurrence counts: a field that is repeated under one key runs once, but GraphQL compares all pairs of them.
function countRootFields(context: ValidationContext, operation: OperationDefinitionNode): number {
  const schema = context.getSchema();
  const type = schema.getRootType(operation.operation);
  if (!type) return 0;
  return fieldsOn(schema, type, operation.selectionSet, (name) => context.getFragment(name)).length;
}

function limitError(
  { name, tooMuch }: Limit,
  maximum: number,
  operation: OperationDefinitionNode,
  count: number,
): GraphQLError {
  const message = `${tooMuch}: a ${operation.operation} may have ${inWords(maximum)}, and this one has ${inWords(count)}.`;
  return new GraphQLError(message, { nodes: operation, extensions: { limit: name, maximum } });
}

function inWords(count: number): string {
  if (count === Number.MAX_SAFE_INTEGER) return 'more than can be counted';
  return count.toLocaleString('en-US');
}
