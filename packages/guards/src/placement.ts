import { type DirectableObject, getDirective, getRootTypes } from '@graphql-tools/utils';
import {
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  specifiedDirectives,
} from 'graphql';
import { composingDirectives } from './federation.ts';
import { type Guards, isGuard, splitGuards, toKind } from './guardKinds.ts';
import { authGuards, openings } from './guards.ts';
import { findSightProblems } from './placementOfSight.ts';
import { effectiveRequirements, printRequirement } from './requirements.ts';

/**
 * Finds what is wrong with the access directives of a schema: those that stand where nothing enforces them, those that
 * have no guard, and those that contradict each other; and fields of Query, Mutation and Subscription that have none.
 * Returns a sentence for each, which begins with the coordinate.
 */
export function findPlacementProblems(
  schema: GraphQLSchema,
  { guards, others }: { guards: Guards; others: readonly string[] },
): string[] {
  const problems = [
    ...findGuardProblems(schema, guards),
    ...findOtherProblems(guards, others),
    ...findUnreadable(schema),
  ];
  // What cannot be read cannot be looked at any further.
  if (problems.length > 0) return problems;
  // A guard in dry run keeps nothing closed.
  const { enforced } = splitGuards(guards);
  const names = new Set([...Object.keys(guards), ...ownDirectives]);
  const misplaced = elementsOf(schema).flatMap(({ coordinate, element, kind }) =>
    [...names].flatMap((directive) =>
      (getDirective(schema, element, directive) ?? []).flatMap((args) => {
        const problem = findProblem(directive, args, kind, guards);
        return problem ? [`${coordinate} has @${directive}, ${problem}`] : [];
      }),
    ),
  );
  const specified = specifiedDirectives.map(({ name }) => name);
  const known = new Set([...names, ...others, ...specified, ...composingDirectives(schema)]);
  return [
    ...misplaced,
    ...findForgotten(schema, known),
    ...findRootProblems(schema, enforced),
    ...findSightProblems(schema, guards),
    ...findShared(schema, enforced),
  ];
}

// What depends on the caller must not be offered to caches that answer everybody.
function findShared(schema: GraphQLSchema, guards: Guards): string[] {
  return elementsOf(schema)
    .filter(({ element }) =>
      (getDirective(schema, element, 'cacheControl') ?? []).some(({ scope }) => scope === 'PUBLIC'),
    )
    .flatMap(({ coordinate, element }) => {
      const [typeName = '', fieldName] = coordinate.split('.');
      const type = schema.getType(typeName);
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      const guard =
        fieldName === undefined
          ? Object.keys(guards).find((name) => getDirective(schema, element, name))
          : effectiveRequirements(schema, type, fieldName, guards)[0]?.directive;
      return guard && guard !== 'public'
        ? [`${coordinate} has @cacheControl(scope: PUBLIC), which contradicts @${guard}.`]
        : [];
    });
}

// A directive that is meant as a guard but has no function would leave its fields open.
function findForgotten(schema: GraphQLSchema, known: ReadonlySet<string>): string[] {
  return elementsOf(schema).flatMap(({ coordinate, element, kind }) =>
    (kind === 'other' ? [] : directivesOn(element))
      .filter((directive) => !known.has(directive))
      .map((directive) => `${coordinate} has @${directive}, ${forgotten}`),
  );
}

function directivesOn({ astNode, extensionASTNodes, extensions }: DirectableElement): string[] {
  const nodes = [astNode, ...(extensionASTNodes ?? [])];
  const written = nodes.flatMap((node) => (node?.directives ?? []).map(({ name }) => name.value));
  return [...new Set([...written, ...Object.keys(extensions?.['directives'] ?? {})])];
}

function findOtherProblems(guards: Guards, others: readonly string[]): string[] {
  return others
    .filter((name) => name in guards || ownDirectives.includes(name))
    .map((name) => `@${name} is a guard, and cannot be one of the others.`);
}

const ownDirectives: readonly string[] = Object.keys(authGuards({ freshSeconds: 0 }));

function findGuardProblems(schema: GraphQLSchema, guards: Guards): string[] {
  return Object.entries(guards).flatMap(([name, guard]: [string, unknown]) => {
    if (!isGuard(guard) && !(guard === null && name === 'public')) {
      return [`@${name} has a guard that is no function.`];
    }
    // A slip in the name of a guard would leave its directive without one.
    return ownDirectives.includes(name) || schema.getDirective(name)
      ? []
      : [`@${name} has a guard, and the schema does not define it.`];
  });
}

// graphql-tools reads `extensions.directives` of a schema without SDL as an object by name, and no other form.
function findUnreadable(schema: GraphQLSchema): string[] {
  return elementsOf(schema).flatMap(({ coordinate, element }) => {
    const directives: unknown = element.extensions?.['directives'] ?? {};
    const isReadable =
      isRecord(directives) &&
      Object.values(directives).every((args) => isRecord(args) || Array.isArray(args));
    return isReadable
      ? []
      : [`${coordinate} has extensions.directives that are not an object of arguments by name.`];
  });
}

function findProblem(
  directive: string,
  args: Readonly<Record<string, unknown>>,
  kind: Element['kind'],
  guards: Guards,
): string | null {
  if (kind === 'other') return notEnforced;
  if (!(directive in guards)) return 'for which there is no guard.';
  if (openings.includes(directive) && kind !== 'root field') return onlyOnRoot;
  const { maxAge = null } = args;
  if (
    directive === 'fresh' &&
    maxAge !== null &&
    !(Number.isInteger(maxAge) && Number(maxAge) >= 0)
  ) {
    return 'whose maxAge is not a whole number of seconds.';
  }
  const problem = toKind(guards[directive])?.findProblem?.(args);
  if (problem) return problem;
  // Two that look alike are one check.
  return isPlain(args)
    ? null
    : 'whose arguments are not all text, numbers, booleans, lists and objects.';
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (isRecord(value)) return Object.values(value).every(isPlain);
  return (
    value == null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    Number.isFinite(value)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

const notEnforced =
  'which nothing enforces there: put it on a field, an object type or an interface.';
const forgotten =
  'which is no guard: give it one, or name it in others if it decides nothing about access.';
const onlyOnRoot =
  'which is only for fields of Query, Mutation and Subscription: any other field is as open as the fields that lead to it.';

function findRootProblems(schema: GraphQLSchema, guards: Guards): string[] {
  return [...getRootTypes(schema)].flatMap((type) =>
    Object.keys(type.getFields()).flatMap((fieldName) => {
      const coordinate = `${type.name}.${fieldName}`;
      const requirements = effectiveRequirements(schema, type, fieldName, guards);
      if (requirements.length === 0) {
        return [
          `${coordinate} has no access directive: add ${chooseOne(choices(schema, guards))}.`,
        ];
      }
      const opening = requirements.find(({ directive }) => openings.includes(directive));
      return requirements
        .filter((other) => opening && other.directive !== opening.directive)
        .map((other) => {
          const where = other.coordinate === coordinate ? '' : ` of ${other.coordinate}`;
          return `${coordinate} has @${opening?.directive}, which contradicts ${printRequirement(other)}${where}.`;
        });
    }),
  );
}

// Those that stand by themselves, without arguments.
function choices(schema: GraphQLSchema, guards: Guards): string[] {
  return Object.keys(guards).filter((name) => {
    const directive = schema.getDirective(name);
    const needsArguments = directive
      ? directive.args.some(isRequiredArgument)
      : ['requiresScopes', 'self', 'owner'].includes(name);
    return !needsArguments && toKind(guards[name])?.kind !== 'object';
  });
}

function chooseOne(directives: readonly string[]): string {
  const isOpening = (name: string) => openings.includes(name);
  const names = [
    ...directives.filter((name) => !isOpening(name)),
    ...openings.filter((name) => directives.includes(name)),
  ].map((name) => `@${name}`);
  return [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' or ');
}

type DirectableElement = DirectableObject & {
  readonly astNode?:
    | { readonly directives?: readonly DirectiveNode[] | undefined }
    | null
    | undefined;
  readonly extensionASTNodes?:
    | readonly { readonly directives?: readonly DirectiveNode[] | undefined }[]
    | null
    | undefined;
};

interface Element {
  readonly coordinate: string;
  readonly element: DirectableObject;
  readonly kind: 'type' | 'field' | 'root field' | 'other';
}

// Everything of a schema that can carry a directive.
function elementsOf(schema: GraphQLSchema): Element[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  return [
    { coordinate: 'schema', element: schema, kind: 'other' },
    ...types.flatMap((type) => partsOf(schema, type)),
    ...schema.getDirectives().flatMap(({ name, args }) => argumentsOf(`@${name}`, args)),
  ];
}

function partsOf(schema: GraphQLSchema, type: GraphQLNamedType): Element[] {
  const coordinate = type.name;
  const part = (name: string, element: DirectableObject): Element => {
    return { coordinate: `${coordinate}.${name}`, element, kind: 'other' };
  };
  const whole: Element = { coordinate, element: type, kind: 'other' };
  if (isEnumType(type)) return [whole, ...type.getValues().map((value) => part(value.name, value))];
  if (isInputObjectType(type)) {
    return [whole, ...Object.entries(type.getFields()).map(([name, field]) => part(name, field))];
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [whole];
  const isRoot = [...getRootTypes(schema)].some((root) => root === type);
  const kind = isRoot ? 'root field' : 'field';
  return [
    { ...whole, kind: 'type' },
    ...Object.values(type.getFields()).flatMap((field): Element[] => [
      { ...part(field.name, field), kind },
      ...argumentsOf(`${coordinate}.${field.name}`, field.args),
    ]),
  ];
}

function argumentsOf(coordinate: string, args: readonly GraphQLArgument[]): Element[] {
  return args.map((argument) => {
    return { coordinate: `${coordinate}(${argument.name}:)`, element: argument, kind: 'other' };
  });
}
