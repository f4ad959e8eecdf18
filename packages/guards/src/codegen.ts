import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLFieldConfig,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
} from 'graphql';
import { effectiveRequirements } from './requirements.ts';

// The part of what graphql-codegen passes to a preset that matters here.
interface Output {
  readonly baseOutputDir: string;
  readonly schema: DocumentNode;
  readonly schemaAst?: GraphQLSchema;
  readonly config: { readonly directiveContextTypes?: readonly string[] };
}

/**
 * A preset for graphql-codegen and its plugin typescript-resolvers. The plugin's `directiveContextTypes` give the
 * resolver of a field with a directive a context of its own, whose user cannot be null for example. The plugin sees
 * only the directives that are written on the field; with this preset also those of its type and its interfaces.
 *
 *     src/generated/resolvers.ts:
 *       preset: "@sallyport/guards/codegen"
 *       plugins: [typescript, typescript-resolvers]
 *       config:
 *         contextType: ../context.ts#Context
 *         directiveContextTypes:
 *           - auth#../context.ts#Authenticated
 *           - verifiedEmail#../context.ts#Verified
 *
 * A field with several directives gets each of their contexts once, the last of the list outermost:
 * `Verified<Authenticated<ContextType>>`.
 *
 * @throws TypeError without `directiveContextTypes`
 *
 * @example
 * const config = { contextType: './a.ts#Context', directiveContextTypes: ['auth#./a.ts#Authenticated'] };
 * const { result } = await executeCodegen({
 *   schema: 'directive @auth on OBJECT type Query { me: User } type User @auth { id: ID }',
 *   generates: { 'a.ts': { preset, plugins: ['typescript', 'typescript-resolvers'], config } },
 *   silent: true,
 * });
 * console.log(/id\?: .*, (.*)>;/.exec(result[0]?.content ?? '')?.[1]); // Authenticated<ContextType>
 */
export const preset = {
  buildGeneratesSection<Options extends Output>(options: Options) {
    const { baseOutputDir: filename, schema, schemaAst = buildASTSchema(schema), config } = options;
    const { directiveContextTypes } = config;
    if (!directiveContextTypes) {
      throw new TypeError(`The config of ${filename} has no directiveContextTypes.`);
    }
    return [{ ...options, filename, schemaAst: writeOut(schemaAst, directiveContextTypes) }];
  },
};

// Writes onto each field the directives that decide its context, wherever they come from.
function writeOut(schema: GraphQLSchema, directiveContextTypes: readonly string[]): GraphQLSchema {
  const contextTypes = new Map(directiveContextTypes.map(parseContextType));
  const guards = Object.fromEntries([...contextTypes.keys()].map((name) => [name, null]));
  const mapField = (field: GraphQLFieldConfig<unknown, unknown>, name: string, parent: string) => {
    const type = schema.getType(parent);
    if (!field.astNode || !(isObjectType(type) || isInterfaceType(type))) return undefined;
    const requirements = effectiveRequirements(schema, type, name, guards);
    // One directive for each context: two with the same would wrap it twice.
    const deciding = new Map(
      requirements.map(({ directive }) => [contextTypes.get(directive), directive]),
    );
    const others = (field.astNode.directives ?? []).filter(
      (directive) => !contextTypes.has(directive.name.value),
    );
    return {
      ...field,
      astNode: { ...field.astNode, directives: [...others, ...[...deciding.values()].map(toNode)] },
    };
  };
  const mapped = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: mapField,
    [MapperKind.INTERFACE_FIELD]: mapField,
  });
  // As codegen had sorted it: `mapSchema` moves the scalars of GraphQL itself.
  return lexicographicSortSchema(mapped);
}

// `auth#../context.ts#Authenticated`: a directive, and the type of the context with the file that it comes from.
function parseContextType(entry: string): [directive: string, contextType: string] {
  const [directive = '', ...contextType] = entry.split('#');
  return [directive, contextType.join('#')];
}

// Without arguments: no context depends on them.
function toNode(directive: string) {
  return { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: directive } } as const;
}
