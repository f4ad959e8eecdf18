import {
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import type { Authentication } from './authentication.ts';
import { type Check, type SeeingCheck, toRefusal } from './fieldChecks.ts';
import type { Arguments } from './guardKinds.ts';

/** A field of an operation whose guards look at its arguments. The same field by another alias is another one. */
export interface ArgumentCheckpoint {
  /** What the field asks of the caller before. */
  readonly check: Check;
  readonly argumentCheck: SeeingCheck<Arguments>;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly coordinate: string;
  readonly isRoot: boolean;
}

/** Variables as a request has them, before anything looked at them. */
export type Variables = Readonly<Record<string, unknown>> | null | undefined;

export interface RefusedNodes {
  readonly refusal: GraphQLError;
  readonly nodes: readonly FieldNode[];
  readonly coordinates: readonly string[];
}

/**
 * Judges fields by their arguments, with variables and defaults as the resolvers will see them. Variables that do not
 * fit the operation refuse nothing here: `execute` refuses the operation for them, before anything runs.
 */
export function judgeArguments(
  checkpoints: readonly ArgumentCheckpoint[],
  { schema, operation }: { schema: GraphQLSchema; operation: OperationDefinitionNode },
  authentication: Authentication,
  variables: Variables,
): RefusedNodes[] {
  if (checkpoints.length === 0) return [];
  const values = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  if (values.errors) return [];
  // Of graphql 17, which keeps more about each variable.
  const coerced = 'variableValues' in values ? values.variableValues : values.coerced;
  return checkpoints.flatMap(({ argumentCheck, field, node, coordinate }) => {
    const refusal = judge(argumentCheck, authentication, () =>
      getArgumentValues(field, node, coerced as Record<string, unknown>),
    );
    return refusal === null ? [] : [{ refusal, nodes: [node], coordinates: [coordinate] }];
  });
}

function judge(
  check: SeeingCheck<Arguments>,
  authentication: Authentication,
  read: () => Arguments,
): GraphQLError | null {
  let args: Arguments;
  try {
    args = read();
  } catch (error) {
    // The field would fail with it, while the rest of a mutation happens.
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  const refusal = check(authentication, args);
  if (refusal === null || refusal instanceof Error) return refusal;
  throw toRefusal(refusal);
}
