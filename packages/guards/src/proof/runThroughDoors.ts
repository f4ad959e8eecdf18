import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  OperationTypeNode,
  subscribe,
} from 'graphql';
import { describeAccess, judgeOperation } from '../operationAccess.ts';
import { type Outcome, printError, type Request } from './referenceEvaluator.ts';
import type { StubContext } from './stubSchema.ts';

/** Runs an operation on a guarded stub as a server does: through the first door, and then the second. */
export async function runThroughDoors(
  schema: GraphQLSchema,
  { document, operation, variables, caller, chooseType, isOwn }: Request,
): Promise<Outcome> {
  const access = describeAccess(schema, document, operation);
  const refusals = judgeOperation(access, caller, variables);
  if (refusals.length > 0) {
    return { refusedWhole: true, ran: [], errors: refusals.map((refusal) => printError(refusal)) };
  }
  const contextValue: StubContext = { authentication: caller, chooseType, isOwn, ran: [] };
  const { errors = [] } = await run(operation.operation, {
    schema,
    document,
    variableValues: variables,
    contextValue,
    ...(operation.name && { operationName: operation.name.value }),
  });
  return {
    refusedWhole: false,
    ran: contextValue.ran,
    errors: errors.map((error) =>
      printError(error, error.path?.filter((key) => typeof key === 'string').join('.')),
    ),
  };
}

// Of a subscription the first event: with a source, it was not refused.
async function run(kind: OperationTypeNode, args: ExecutionArgs): Promise<ExecutionResult> {
  if (kind !== OperationTypeNode.SUBSCRIPTION) return await execute(args);
  const events = await subscribe(args);
  if (!(Symbol.asyncIterator in events)) return events;
  const { value } = await events.next();
  await events.return();
  return value ?? {};
}
