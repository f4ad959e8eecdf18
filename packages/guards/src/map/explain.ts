import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { Authentication } from '../authentication.ts';
import { type Guards, toKind } from '../guardKinds.ts';
import { accessOf } from '../guardSchema.ts';
import type { Requirement } from '../requirements.ts';
import { fieldsOn, findFragmentIn, possibleTypes } from '../selections.ts';
import { exempts } from './strength.ts';

/** What an operation does for a kind of caller. */
export interface Explanation {
  /** The errors with which the operation is refused before anything runs; none when it begins. */
  readonly refusedWhole: readonly GraphQLError[];
  /** Each field of the operation, for each type it could be on; the first ten thousand of them. */
  readonly fields: readonly FieldExplanation[];
  /** Whether there are more. What is refused whole is known of all. */
  readonly hasMore: boolean;
}

// Fragments within fragments make documents of a few lines into more fields than anybody reads.
const maximumFields = 10_000;

/** What becomes of one field of an operation. */
export interface FieldExplanation {
  /** Keys of the answer, and the type where several are possible: `node (User).name` */
  readonly path: string;
  readonly coordinate: string;
  /**
   * `depends`: something decides that is not known here. `not reached`: a field above it is refused.
   */
  readonly verdict: 'allowed' | 'refused' | 'depends' | 'not reached';
  /** On what it depends: the user, of whom a guard of the server's own knows more, the arguments, or the object. */
  readonly dependsOn: 'user' | 'arguments' | 'object' | null;
  /** The requirement that decides, unless the field is allowed or not reached. */
  readonly requirement: Requirement | null;
  readonly error: GraphQLError | null;
}

/** Guards that nothing of a user but what an Authentication says can make decide otherwise. */
export const decidedByCaller: readonly string[] = [
  'public',
  'optionalAuth',
  'auth',
  'fresh',
  'admin',
  'requiresScopes',
];

/**
 * Tells for each field of an operation what a kind of caller gets, and which directive on which type decides it.
 *
 * @example
 * const { refusedWhole } = explainOperation({ schema, guards }, { document, operation }, callers.user);
 * console.log(refusedWhole.map(({ message }) => message)); // [ 'Administrators only.' ]
 */
export function explainOperation(
  { schema, guards }: { schema: GraphQLSchema; guards: Guards },
  { document, operation }: { document: DocumentNode; operation: OperationDefinitionNode },
  caller: Authentication,
): Explanation {
  const findFragment = findFragmentIn(document);
  const fields = new Map<string, FieldExplanation>();

  function explain(selectionSet: SelectionSetNode, type: GraphQLObjectType, way: Way): void {
    const places = explained.get(selectionSet) ?? new Set();
    explained.set(selectionSet, places);
    const place = `${way.path} ${type.name} ${way.open}`;
    if (places.has(place)) return;
    places.add(place);
    for (const node of fieldsOn(schema, type, selectionSet, findFragment)) {
      explainField(node, type, way);
    }
  }

  function explainField(node: FieldNode, type: GraphQLObjectType, { path, open }: Way) {
    if (fields.size >= maximumFields) {
      hasMore = true;
      return;
    }
    const place = `${path}${(node.alias ?? node.name).value}`;
    const coordinate = `${type.name}.${node.name.value}`;
    const judged = judgeField(type, node.name.value, guards, caller);
    fields.set(`${place} ${coordinate}`, {
      path: place,
      coordinate,
      ...(open
        ? judged
        : { verdict: 'not reached', dependsOn: null, requirement: null, error: null }),
    });
    const returned = type.getFields()[node.name.value]?.type;
    if (!returned || !node.selectionSet) return;
    const isReached = open && judged.verdict !== 'refused';
    for (const possible of possibleTypes(schema, returned)) {
      const suffix = isAbstractType(getNamedType(returned)) ? ` (${possible.name})` : '';
      const way = { path: `${place}${suffix}.`, open: isReached };
      explain(node.selectionSet, possible, way);
    }
  }

  const explained = new Map<SelectionSetNode, Set<string>>();
  let hasMore = false;
  const rootType = schema.getRootType(operation.operation);
  if (rootType) explain(operation.selectionSet, rootType, { path: '', open: true });
  const refusedWhole = findRefusals({ schema, guards }, { document, operation }, caller);
  return { refusedWhole, fields: [...fields.values()], hasMore };
}

// The rule of the first door, of which the guards of the server's own cannot be asked here.
function findRefusals(
  { schema, guards }: { schema: GraphQLSchema; guards: Guards },
  { document, operation }: { document: DocumentNode; operation: OperationDefinitionNode },
  caller: Authentication,
): GraphQLError[] {
  const findFragment = findFragmentIn(document);
  // What a selection set selects on a type never depends on the way there, so each pair is judged once.
  const judged = new Map<SelectionSetNode, Set<GraphQLObjectType>>();
  const isMutation = operation.operation === OperationTypeNode.MUTATION;

  function judge(selectionSet: SelectionSetNode, type: GraphQLObjectType): (GraphQLError | null)[] {
    const types = judged.get(selectionSet) ?? new Set();
    judged.set(selectionSet, types);
    if (types.has(type)) return [];
    types.add(type);
    return fieldsOn(schema, type, selectionSet, findFragment).flatMap((node) => {
      const { error } = judgeField(type, node.name.value, guards, caller);
      const { selectionSet: inner } = node;
      const returned = type.getFields()[node.name.value]?.type;
      const deeper = isMutation && inner && returned ? possibleTypes(schema, returned) : [];
      return [error, ...deeper.flatMap((possible) => (inner ? judge(inner, possible) : []))];
    });
  }

  const rootType = schema.getRootType(operation.operation);
  const errors = rootType ? judge(operation.selectionSet, rootType) : [];
  const refusals = errors.filter((error) => error !== null);
  const isWhole = isMutation
    ? refusals.length > 0
    : errors.length > 0 && refusals.length === errors.length;
  const distinct = new Map(refusals.map((error) => [JSON.stringify(error), error]));
  return isWhole ? [...distinct.values()] : [];
}

interface Way {
  /** With the point that comes before the next key. */
  readonly path: string;
  /** Whether nothing above is refused. */
  readonly open: boolean;
}

type Judged = Omit<FieldExplanation, 'path' | 'coordinate'>;

function judgeField(
  type: GraphQLObjectType,
  fieldName: string,
  guards: Guards,
  caller: Authentication,
): Judged {
  const requirements = accessOf(type, fieldName)?.requirements ?? [];
  // Of a user in particular nothing is known here. Whether there is one at all, every guard can tell.
  const isDecided = ({ directive }: Requirement) =>
    caller.status !== 'authenticated' || decidedByCaller.includes(directive);
  for (const requirement of requirements.filter(isDecided)) {
    const guard = toKind(guards[requirement.directive]);
    const error = guard?.ofCaller(caller, requirement.args) ?? null;
    if (error) return { verdict: 'refused', dependsOn: null, requirement, error };
  }
  const isOpen = (one: Requirement) => isDecided(one) || exempts(one, caller, guards);
  const requirement = requirements.find((one) => !isOpen(one)) ?? null;
  if (!requirement) return { verdict: 'allowed', dependsOn: null, requirement, error: null };
  const kind = toKind(guards[requirement.directive])?.kind ?? 'caller';
  const dependsOn = ({ caller: 'user', argument: 'arguments', object: 'object' } as const)[kind];
  return { verdict: 'depends', dependsOn, requirement, error: null };
}
