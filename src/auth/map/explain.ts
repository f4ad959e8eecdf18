import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Authentication } from '../authentication.ts';
import { accessOf } from '../directives.ts';
import { authGuards, type Guards } from '../guards.ts';
import { describeAccess, judgeOperation } from '../operation.ts';
import type { Requirement } from '../requirements.ts';
import { fieldsOn, findFragmentIn, possibleTypes } from '../selections.ts';

/** What an operation does for a kind of caller. */
export interface Explanation {
  /** The errors with which the operation is refused before anything runs; none when it begins. */
  readonly refusedWhole: readonly GraphQLError[];
  /** Each field of the operation, for each type it could be on. */
  readonly fields: readonly FieldExplanation[];
}

/** What becomes of one field of an operation. */
export interface FieldExplanation {
  /** Keys of the answer, and the type where several are possible: `node.name (User)` */
  readonly path: string;
  readonly coordinate: string;
  /**
   * `depends`: a guard of the server's own decides, by the user. `not reached`: a field above it is refused.
   */
  readonly verdict: 'allowed' | 'refused' | 'depends' | 'not reached';
  /** The requirement that decides, unless the field is allowed or not reached. */
  readonly requirement: Requirement | null;
  readonly error: GraphQLError | null;
}

const ownGuards: readonly string[] = Object.keys(authGuards({ freshSeconds: 0 }));

/** Tells for each field of an operation what a kind of caller gets, and which directive on which type decides it. */
export function explainOperation(
  { schema, guards }: { schema: GraphQLSchema; guards: Guards },
  { document, operation }: { document: DocumentNode; operation: OperationDefinitionNode },
  caller: Authentication,
): Explanation {
  const findFragment = findFragmentIn(document);
  const fields = new Map<string, FieldExplanation>();

  function explain(selectionSet: SelectionSetNode, type: GraphQLObjectType, way: Way): void {
    for (const node of fieldsOn(schema, type, selectionSet, findFragment)) {
      explainField(node, type, way);
    }
  }

  function explainField(node: FieldNode, type: GraphQLObjectType, { path, suffix, open }: Way) {
    const keys = [...path, (node.alias ?? node.name).value];
    const judged = open ? judgeField(type, node.name.value, guards, caller) : notReached;
    const printed = `${keys.join('.')}${suffix}`;
    const coordinate = `${type.name}.${node.name.value}`;
    fields.set(`${printed} ${coordinate}`, { path: printed, coordinate, ...judged });
    const returned = type.getFields()[node.name.value]?.type;
    if (!returned || !node.selectionSet) return;
    const isReached = judged.verdict === 'allowed' || judged.verdict === 'depends';
    for (const possible of possibleTypes(schema, returned)) {
      const suffix = isAbstractType(getNamedType(returned)) ? ` (${possible.name})` : '';
      explain(node.selectionSet, possible, { path: keys, suffix, open: isReached });
    }
  }

  const rootType = schema.getRootType(operation.operation);
  if (rootType) explain(operation.selectionSet, rootType, { path: [], suffix: '', open: true });
  const access = describeAccess(schema, document, operation);
  return { refusedWhole: judgeOperation(access, caller), fields: [...fields.values()] };
}

interface Way {
  readonly path: readonly string[];
  readonly suffix: string;
  readonly open: boolean;
}

type Judged = Omit<FieldExplanation, 'path' | 'coordinate'>;

const notReached: Judged = { verdict: 'not reached', requirement: null, error: null };

function judgeField(
  type: GraphQLObjectType,
  fieldName: string,
  guards: Guards,
  caller: Authentication,
): Judged {
  const requirements = accessOf(type, fieldName)?.requirements ?? [];
  // Of a user in particular nothing is known here. Whether there is one at all, every guard can tell.
  const isOwn = ({ directive }: Requirement) =>
    caller.status !== 'authenticated' || ownGuards.includes(directive);
  for (const requirement of requirements.filter(isOwn)) {
    const error = guards[requirement.directive]?.(caller, requirement.args) ?? null;
    if (error) return { verdict: 'refused', requirement, error };
  }
  const requirement = requirements.find((one) => !isOwn(one)) ?? null;
  return { verdict: requirement ? 'depends' : 'allowed', requirement, error: null };
}
