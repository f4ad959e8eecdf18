import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { OpenedAccess } from '../access/openAccess.ts';

/** A document to begin with. */
export interface Example {
  readonly query: string;
}

interface Kind {
  readonly directive: string;
  readonly name: string;
  readonly comment: string;
  /** Those that change nothing first, but for what needs a fresh token, which hardly ever only reads. */
  readonly roots: readonly ('query' | 'mutation')[];
}

const kinds: readonly Kind[] = [
  {
    directive: 'public',
    name: 'ForEverybody',
    comment: '@public: everybody may ask this, without a token. Ctrl+Enter runs it.',
    roots: ['query'],
  },
  {
    directive: 'optionalAuth',
    name: 'WithOrWithoutToken',
    comment: '@optionalAuth: without a token it is answered too, but perhaps not in the same way.',
    roots: ['query'],
  },
  {
    directive: 'auth',
    name: 'ForUsers',
    comment: '@auth: only for somebody who is signed in. The Session panel on the left does that.',
    roots: ['query'],
  },
  {
    directive: 'fresh',
    name: 'WithFreshPassword',
    comment:
      '@fresh: only shortly after a password check. When that is too long ago, you are asked.',
    roots: ['mutation', 'query'],
  },
  {
    directive: 'admin',
    name: 'ForAdministrators',
    comment: '@admin: only for administrators. The Access panel says so before it is run.',
    roots: ['query', 'mutation'],
  },
];

/** Writes an example for each kind of field that the schema has. */
export function examples(access: OpenedAccess): Example[] {
  return kinds.flatMap((kind) => {
    const found = kind.roots
      .flatMap((root) => fieldsOf(access, root).map((field) => ({ root, field })))
      .find(({ field }) => asksFor(field, kind.directive) && isHarmless(field));
    if (!found) return [];
    const { root, field } = found;
    return [{ query: `# ${kind.comment}\n${root} ${kind.name} {\n${selection(field, '  ')}\n}\n` }];
  });
}

type Field = GraphQLField<unknown, unknown>;

// Those that come last are those of the server's own features.
function fieldsOf({ schema }: OpenedAccess, root: 'query' | 'mutation'): Field[] {
  const type = root === 'query' ? schema.getQueryType() : schema.getMutationType();
  const fields = Object.values(type?.getFields() ?? {});
  return fields.toSorted((a, b) => requiredCount(a) - requiredCount(b));
}

function requiredCount({ name, args }: Field): number {
  const isShort = name === 'me' || name === 'viewer';
  return args.filter(({ type }) => isNonNullType(type)).length - (isShort ? 1 : 0);
}

function asksFor({ extensions }: Field, directive: string): boolean {
  const asked = (extensions.access?.requirements ?? [])
    .map((one) => one.directive)
    // Sessions have every scope.
    .filter((name) => name !== 'requiresScopes');
  return asked.includes(directive) && asked.length === 1;
}

function isHarmless({ name, args }: Field): boolean {
  const isSecret = args.some((argument) => /password|token|secret/i.test(argument.name));
  return !isSecret && !/^(delete|remove|end|revoke|logout|set|change)|token|password/i.test(name);
}

function selection(field: Field, indentation: string, depth = 0): string {
  const required = field.args.filter(
    ({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined,
  );
  const few = field.args.find(({ name }) => name === 'first');
  const values = required.map((argument) => `${argument.name}: ${exampleOf(argument)}`);
  if (few && !required.includes(few)) values.push('first: 5');
  const given = values.length > 0 ? `(${values.join(', ')})` : '';
  const inner = innerSelection(field.type, `${indentation}  `, depth);
  const body = inner === '' ? '' : ` {\n${inner}\n${indentation}}`;
  return `${indentation}${field.name}${given}${body}`;
}

function innerSelection(type: GraphQLOutputType, indentation: string, depth: number): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (!isObjectType(named) && !isInterfaceType(named)) return `${indentation}__typename`;
  const fields = Object.values(named.getFields()).filter(
    ({ args }) => !args.some((argument) => isNonNullType(argument.type)),
  );
  const edges =
    fields.find(({ name }) => name === 'edges') ?? fields.find(({ name }) => name === 'node');
  if (edges) return selection(edges, indentation, depth);
  const plain = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
  const lines = plain.slice(0, 4).map(({ name }) => `${indentation}${name}`);
  return lines.length > 0 ? lines.join('\n') : `${indentation}__typename`;
}

function exampleOf({ type, name }: GraphQLArgument): string {
  return writeValue(type, name);
}

function writeValue(type: GraphQLInputType, name: string): string {
  if (isNonNullType(type)) return writeValue(type.ofType, name);
  if (isListType(type)) return `[${writeValue(type.ofType, name)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? 'null';
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${required.map((field) => `${field.name}: ${writeValue(field.type, field.name)}`).join(', ')} }`;
  }
  switch (type.name) {
    case 'Int':
      return '5';
    case 'Float':
      return '4.5';
    case 'Boolean':
      return 'true';
    default:
      return JSON.stringify(name === 'name' ? 'chair' : `example ${name}`);
  }
}
