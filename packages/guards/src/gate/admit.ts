import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Variables } from '../argumentCheckpoints.ts';
import { type Authentication, anonymous } from '../authentication.ts';
import { describeAccess, judgeOperation, type OperationAccess } from '../operationAccess.ts';

/** What a request asks to run. */
export interface Asked {
  /** The one that will run it. */
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** Null where it is not known: then each operation of the document is judged. */
  readonly operationName?: string | null | undefined;
  /** As they were sent; `unknown` leaves guards that look at arguments to the second door. */
  readonly variables?: Variables | 'unknown';
}

/** What a gate adds to the context of an operation. */
export interface GateContext<User = unknown> {
  /** Who the caller is; anonymous where nothing depends on that. */
  readonly authentication: Authentication<User>;
  readonly clock?: () => Date;
}

/** What the first door says. */
export interface Admission<User = unknown> {
  /** To be added to the context before anything runs. */
  readonly context: GateContext<User>;
  /** Whether the answer depends on the caller: then it is not for caches. */
  readonly dependsOnCaller: boolean;
  /** With what the operation is refused whole; none when it may begin. */
  readonly errors: readonly GraphQLError[];
}

/** Opens the first door, or says why not. */
export async function admit<User>(
  asked: Asked,
  authenticate: () => Promise<Authentication<User>>,
  clock?: () => Date,
): Promise<Admission<User>> {
  const { variables } = asked;
  const all = describeAll(asked);
  if (all === null) return tooMany;
  const dependsOnCaller = all.some(({ guarded }) => guarded.length > 0);
  const needsCaller = dependsOnCaller || all.some(({ isTried }) => isTried);
  const authentication = needsCaller ? await authenticate() : anonymous;
  const errors = all.flatMap((access) => judge(access, authentication, variables));
  return { context: { authentication, ...(clock && { clock }) }, dependsOnCaller, errors };
}

// More than people write. Each operation can have the same long fragment, so the work would grow with the square.
const mostSelections = 10_000;

const tooMany: Admission<never> = {
  context: { authentication: anonymous },
  dependsOnCaller: false,
  errors: [
    new GraphQLError(
      'Nobody says which operation of this document will run, and it has too many to judge them all.',
      { extensions: { code: 'BAD_USER_INPUT' } },
    ),
  ],
};

// Null where several would be too much. A single one is walked whatever its length.
function describeAll(asked: Asked): OperationAccess[] | null {
  const all: OperationAccess[] = [];
  let selections = 0;
  for (const operation of findOperations(asked)) {
    if (selections > mostSelections) return null;
    const access = describeAccess(asked.schema, asked.document, operation);
    selections += access.selections;
    all.push(access);
  }
  return all;
}

// What is run is chosen by the name alone. Where no validation saw to that, several may have it.
function findOperations({ document, operationName }: Asked): OperationDefinitionNode[] {
  const all = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const named = all.filter(({ name }) => name && name.value === operationName);
  return named.length > 0 ? named : all;
}

function judge(
  access: OperationAccess,
  authentication: Authentication,
  variables: Asked['variables'],
): GraphQLError[] {
  return variables === 'unknown'
    ? judgeOperation({ ...access, byArguments: [] }, authentication, null)
    : judgeOperation(access, authentication, variables);
}
