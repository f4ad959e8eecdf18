import { getDirective, memoize2 } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Authentication } from '../authentication.ts';
import { type GuardOfKind, type Guards, toKind } from '../guardKinds.ts';
import type { ChooseType } from './stubSchema.ts';

/** What came of an operation on a stub, in a form in which two of them can be compared. */
export interface Outcome {
  /** Whether it was refused before anything ran. */
  readonly refusedWhole: boolean;
  /** Each resolver that ran, as in StubContext. */
  readonly ran: readonly string[];
  /** Each refusal, with its place in the answer if it has one. */
  readonly errors: readonly string[];
}

export interface Request {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Authentication;
  readonly chooseType: ChooseType;
  /** Whether the objects are the caller's own. */
  readonly isOwn: boolean;
}

type GuardOfField = { readonly guard: GuardOfKind; readonly args: Record<string, unknown> };

// Each guard of a field, with the arguments of its directive, in the order of the guards. They are read from the schema
// once, and not from what the doors have made of it.
const guardsOfFields = memoize2((schema: GraphQLSchema, guards: Guards) => {
  const known = new Map<string, readonly GuardOfField[]>();
  const read = (type: GraphQLObjectType, fieldName: string): GuardOfField[] => {
    const places = [type, ...type.getInterfaces()].flatMap((parent) =>
      [parent.getFields()[fieldName] ?? [], parent].flat(),
    );
    return Object.entries(guards).flatMap(([directive, guard]) => {
      const kind = toKind(guard);
      return places.flatMap((place) =>
        (getDirective(schema, place, directive) ?? []).flatMap((args) =>
          kind ? [{ guard: kind, args }] : [],
        ),
      );
    });
  };
  return (type: GraphQLObjectType, fieldName: string): readonly GuardOfField[] => {
    if (fieldName.startsWith('__')) return [];
    const coordinate = `${type.name}.${fieldName}`;
    const found = known.get(coordinate) ?? read(type, fieldName);
    known.set(coordinate, found);
    return found;
  };
});

/**
 * Says what should come of an operation on a stub, from the rules alone, as plainly as can be: nothing is shared with
 * what it is compared to.
 */
export function evaluateByTheRules(
  schema: GraphQLSchema,
  guards: Guards,
  { document, operation, variables, caller, chooseType, isOwn }: Request,
): Outcome {
  const ran: string[] = [];
  const errors: string[] = [];

  const guardsOf = guardsOfFields(schema, guards);

  function firstOf(
    all: readonly GuardOfField[],
    judge: (guard: GuardOfKind, args: Record<string, unknown>) => GraphQLError | null,
  ): GraphQLError | null {
    for (const { guard, args } of all) {
      const refusal = judge(guard, args);
      if (refusal) return refusal;
    }
    return null;
  }

  // What can be known before anything runs: who asks, and with which arguments.
  function refusalBefore(type: GraphQLObjectType, node: FieldNode): GraphQLError | null {
    const all = guardsOf(type, node.name.value);
    const fieldArguments = { isOwn: readIsOwn(node) };
    return (
      firstOf(all, (guard, args) => guard.ofCaller(caller, args)) ??
      firstOf(all, (guard, args) =>
        guard.kind === 'argument' ? guard.decide(caller, args, fieldArguments) : null,
      )
    );
  }

  function refusalOf(type: GraphQLObjectType, node: FieldNode): GraphQLError | null {
    return (
      refusalBefore(type, node) ??
      firstOf(guardsOf(type, node.name.value), (guard, args) =>
        guard.kind === 'object' ? guard.decide(caller, args, { isOwn }) : null,
      )
    );
  }

  function readIsOwn(node: FieldNode): unknown {
    const value = node.arguments?.find(({ name }) => name.value === 'isOwn')?.value;
    if (value?.kind === Kind.BOOLEAN) return value.value;
    if (value?.kind !== Kind.VARIABLE) return null;
    const { name } = value;
    if (name.value in variables) return variables[name.value];
    const definition = operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name.value,
    );
    return definition?.defaultValue?.kind === Kind.BOOLEAN && definition.defaultValue.value;
  }

  function fieldsOf(
    selectionSet: SelectionSetNode,
    type: GraphQLObjectType,
    counts: (selection: SelectionNode) => boolean,
  ): FieldNode[] {
    return selectionSet.selections.flatMap((selection) => {
      if (!counts(selection)) return [];
      if (selection.kind === Kind.FIELD) return [selection];
      const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : null;
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : document.definitions.find(
              (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
            );
      if (!fragment || !('selectionSet' in fragment) || !('typeCondition' in fragment)) return [];
      return isOn(fragment.typeCondition?.name.value, type)
        ? fieldsOf(fragment.selectionSet, type, counts)
        : [];
    });
  }

  function typesOf(returned: GraphQLOutputType): readonly GraphQLObjectType[] {
    const named = getNamedType(returned);
    if (isObjectType(named)) return [named];
    return isAbstractType(named) ? schema.getPossibleTypes(named) : [];
  }

  function isOn(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = schema.getType(condition);
    return isAbstractType(named) && schema.isSubType(named, type);
  }

  // Everything that could be refused, whatever the variables say.
  function refusalsIn(selectionSet: SelectionSetNode, type: GraphQLObjectType): GraphQLError[] {
    return fieldsOf(selectionSet, type, () => true).flatMap((node) => {
      const refusal = refusalBefore(type, node);
      const returned = type.getFields()[node.name.value]?.type;
      const { selectionSet: inner } = node;
      const deeper = returned && inner ? typesOf(returned) : [];
      return [refusal ?? [], deeper.flatMap((one) => (inner ? refusalsIn(inner, one) : []))].flat();
    });
  }

  function isIncluded(selection: SelectionNode): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
    return skip?.['if'] !== true && include?.['if'] !== false;
  }

  function run(selectionSets: readonly SelectionSetNode[], type: GraphQLObjectType, place: string) {
    const nodes = selectionSets.flatMap((one) => fieldsOf(one, type, isIncluded));
    const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value;
    for (const key of new Set(nodes.map(keyOf))) {
      const alike = nodes.filter((node) => keyOf(node) === key);
      const [first] = alike;
      if (!first) continue;
      const fieldName = first.name.value;
      const returned = type.getFields()[fieldName]?.type;
      if (!returned) continue;
      const path = place ? `${place}.${key}` : key;
      const refusal = refusalOf(type, first);
      if (refusal) {
        errors.push(printError(refusal, path));
        continue;
      }
      ran.push(`${path} ${type.name}.${fieldName}`);
      const names = typesOf(returned).map(({ name }) => name);
      const chosen = names.length > 0 && schema.getType(chooseType(path, names));
      const inner = alike.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (isObjectType(chosen)) run(inner, chosen, path);
    }
  }

  const rootType = schema.getRootType(operation.operation);
  if (!rootType) throw new TypeError(`The schema has no ${operation.operation}.`);
  const roots = fieldsOf(operation.selectionSet, rootType, () => true);
  const whole =
    operation.operation === 'mutation'
      ? refusalsIn(operation.selectionSet, rootType)
      : roots.map((node) => refusalBefore(rootType, node));
  const isRefused =
    whole.length > 0 && (operation.operation === 'mutation' || whole.every((one) => one !== null));
  if (isRefused) {
    const distinct = new Set(whole.flatMap((refusal) => (refusal ? printError(refusal) : [])));
    return { refusedWhole: true, ran, errors: [...distinct] };
  }
  if (operation.operation === 'subscription') ran.push(`source of ${roots[0]?.name.value}`);
  run([operation.selectionSet], rootType, '');
  return { refusedWhole: false, ran, errors };
}

/** A refusal as two outcomes are compared by it. */
export function printError(
  { message, extensions }: Pick<GraphQLError, 'message' | 'extensions'>,
  place?: string,
): string {
  return `${place ? `${place}: ` : ''}${message} ${JSON.stringify(extensions)}`;
}
