import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  OperationTypeNode,
} from 'graphql';
import { possibleTypes } from '../selections.ts';

/** An operation that goes one way to one field, written in one of the ways that GraphQL has for it. */
export interface ProofOperation {
  readonly source: string;
  /** The type that a value has at each place in the answer where it could have several. */
  readonly types: Readonly<Record<string, string>>;
  /** Whether it makes a difference if the objects on the way are the caller's own. */
  readonly seesObjects: boolean;
}

/** One field on the way, and the type on which it is selected. */
interface Step {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

interface Way {
  readonly kind: OperationTypeNode;
  readonly steps: readonly Step[];
}

/**
 * Writes operations for every guarded field of a schema, over each field that leads to its type: directly, with
 * aliases, twice, in inline and named fragments, on every interface and union of the type, and under `@include` and
 * `@skip`.
 */
export function* proofOperations(schema: GraphQLSchema): Generator<ProofOperation> {
  const ways = shortestWays(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!field.extensions.access?.check) continue;
      for (const way of waysInto(schema, type, ways)) {
        yield* writeOperations(schema, { ...way, steps: [...way.steps, { type, field }] });
      }
    }
  }
}

// The way to each type that has the fewest fields.
function shortestWays(schema: GraphQLSchema): Map<GraphQLObjectType, Way[]> {
  const ways = new Map<GraphQLObjectType, Way[]>();
  for (const kind of Object.values(OperationTypeNode)) {
    const root = schema.getRootType(kind);
    if (root) ways.set(root, [...(ways.get(root) ?? []), { kind, steps: [] }]);
  }
  // Iterating over a map also visits what is added meanwhile, so this goes breadth first.
  for (const [type, [way]] of ways) {
    if (!way) continue;
    for (const field of Object.values(type.getFields())) {
      for (const possible of possibleTypes(schema, field.type)) {
        const steps = [...way.steps, { type, field }];
        if (!ways.has(possible)) ways.set(possible, [{ ...way, steps }]);
      }
    }
  }
  return ways;
}

// One for each field that leads to the type, and the empty ones to a root type.
function waysInto(
  schema: GraphQLSchema,
  target: GraphQLObjectType,
  ways: ReadonlyMap<GraphQLObjectType, readonly Way[]>,
): Way[] {
  const over = [...ways].flatMap(([type, [way]]) =>
    Object.values(type.getFields())
      .filter((field) => possibleTypes(schema, field.type).includes(target))
      .flatMap((field) => (way ? [{ ...way, steps: [...way.steps, { type, field }] }] : [])),
  );
  const roots = (ways.get(target) ?? []).filter(({ steps }) => steps.length === 0);
  return [...roots, ...over];
}

/** How a step is written, around the selection that follows it. */
type Style = (step: Step, inner: string, isLast: boolean) => string;

function* writeOperations(schema: GraphQLSchema, way: Way): Generator<ProofOperation> {
  const last = way.steps.at(-1);
  if (!last) return;
  const { type, field } = last;
  const call = callOf(last);
  const seesObjects = way.steps.some((step) => step.field.extensions.access?.objectCheck);
  const inside = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
  const plain: Style = (step, inner) => `${callOf(step)}${inner}`;
  const atEnd =
    (write: (leaf: string) => string): Style =>
    (step, inner, isLast) =>
      isLast ? write(plain(step, inner, isLast)) : plain(step, inner, isLast);
  const abstractTypes = Object.values(schema.getTypeMap()).filter(
    (one) => isAbstractType(one) && schema.isSubType(one, type),
  );
  const styles: Style[] = [
    plain,
    (step, inner) => `alias: ${callOf(step)}${inner}`,
    (step, inner) => `... on ${step.type.name} { ${callOf(step)}${inner} }`,
    (step, inner) => `... { ... @include(if: true) { ${callOf(step)}${inner} } }`,
    atEnd((leaf) => `one: ${leaf} two: ${leaf} __typename`),
    atEnd((leaf) => leaf.replace(call, `${call} @include(if: true)`)),
    atEnd((leaf) => leaf.replace(call, `${call} @skip(if: true)`)),
    atEnd((leaf) => `... on ${type.name} @skip(if: true) { ${leaf} } __typename`),
    ...abstractTypes.map((one) =>
      atEnd((leaf) =>
        isUnionType(one) || !canCall(one, last)
          ? `... on ${one.name} { ... on ${type.name} { ${leaf} } }`
          : `... on ${one.name} { ${leaf} }`,
      ),
    ),
  ];
  // A subscription has exactly one root field.
  const isAllowed = (style: string) =>
    way.kind !== OperationTypeNode.SUBSCRIPTION ||
    way.steps.length > 1 ||
    !/one:|@skip/.test(style);
  for (const style of styles) {
    const selection = write(way.steps, style, inside);
    if (!isAllowed(selection)) continue;
    const types = typesAlong(way.steps, style === styles[1] ? () => 'alias' : undefined);
    yield* withArguments({ source: `${way.kind}${selection}`, types, seesObjects });
  }
  const [first] = way.steps;
  const source = `${way.kind} { ...F } fragment F on ${first?.type.name}${write(way.steps, plain, inside)}`;
  yield* withArguments({ source, types: typesAlong(way.steps), seesObjects });
}

// The stub adds this argument to each field that has an argument guard.
const own = '(isOwn: true)';

function callOf({ field }: Step): string {
  return field.extensions.access?.argumentCheck ? `${field.name}${own}` : field.name;
}

// Whether a field can be selected on an interface as it is on the type.
function canCall(type: GraphQLNamedType, { field }: Step): boolean {
  const ofInterface = isInterfaceType(type) ? type.getFields()[field.name] : undefined;
  return ofInterface !== undefined && ofInterface.args.length === field.args.length;
}

// An argument that names the caller, somebody else, nobody, and by a variable; of two calls only the second.
function* withArguments(operation: ProofOperation): Generator<ProofOperation> {
  yield operation;
  const { source } = operation;
  const at = source.lastIndexOf(own);
  if (at === -1) return;
  for (const call of ['(isOwn: false)', '(isOwn: null)', '', '(isOwn: $own)', '(isOwn: $others)']) {
    const called = source.slice(0, at) + call + source.slice(at + own.length);
    const variables = call.includes('$own')
      ? '($own: Boolean = true)'
      : call.includes('$others')
        ? '($others: Boolean = false)'
        : '';
    yield { ...operation, source: called.replace(/^\w+/, (kind) => `${kind} ${variables}`) };
  }
}

function write(steps: readonly Step[], style: Style, inside: string): string {
  return steps.reduceRight((inner, step, index) => {
    const written = style(step, inner, index === steps.length - 1);
    const before = steps[index - 1];
    // A field of the type itself is not there on an interface or union that leads to it.
    const isNarrowed = before && isAbstractType(getNamedType(before.field.type));
    return isNarrowed ? ` { ... on ${step.type.name} { ${written} } }` : ` { ${written} }`;
  }, inside);
}

function typesAlong(
  steps: readonly Step[],
  keyOf = ({ field }: Step) => field.name,
): Record<string, string> {
  return Object.fromEntries(
    steps.slice(1).map(({ type }, index) => [
      steps
        .slice(0, index + 1)
        .map(keyOf)
        .join('.'),
      type.name,
    ]),
  );
}
