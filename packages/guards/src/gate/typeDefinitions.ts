import {
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  print,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { authTypeDefs } from '../typeDefs.ts';

/** SDL, parsed or not, in any number of parts. */
export type TypeDefs = string | DocumentNode | readonly TypeDefs[];

/**
 * Joins the parts of type definitions to one document, and adds the access directives that are not in it. A type may be
 * defined in several parts, and extended where it is defined nowhere, as tools for schemas have it.
 */
export function joinTypeDefs(typeDefs: TypeDefs): DocumentNode {
  // What is said twice in the same words is said once.
  const own = [
    ...new Map(parseAll(typeDefs).definitions.map((each) => [print(each), each])).values(),
  ];
  const names = new Set(own.map(nameOf));
  // A server may have directives of these names itself, with other arguments.
  const missing = parse(authTypeDefs).definitions.filter((each) => !names.has(nameOf(each)));
  const known = new Set<string>();
  const joined = [...missing, ...definitionsFirst(own)].flatMap((each): DefinitionNode[] => {
    const name = nameOf(each);
    const isFirst = !known.has(name);
    known.add(name);
    if (isTypeDefinitionNode(each)) return [isFirst ? each : toExtension(each)];
    if (isTypeExtensionNode(each)) return [isFirst ? toDefinition(each) : each];
    return [each];
  });
  return { kind: Kind.DOCUMENT, definitions: joined };
}

function parseAll(typeDefs: TypeDefs): DocumentNode {
  if (typeof typeDefs === 'string') return parse(typeDefs);
  return isList(typeDefs) ? concatAST(typeDefs.map(parseAll)) : typeDefs;
}

function isList(typeDefs: DocumentNode | readonly TypeDefs[]): typeDefs is readonly TypeDefs[] {
  return Array.isArray(typeDefs);
}

function definitionsFirst(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  return [
    ...definitions.filter((each) => !isTypeExtensionNode(each)),
    ...definitions.filter(isTypeExtensionNode),
  ];
}

// A type and its extensions are of one name.
function nameOf(definition: DefinitionNode): string {
  const name = 'name' in definition ? definition.name?.value : undefined;
  if (isTypeDefinitionNode(definition) || isTypeExtensionNode(definition)) return `type ${name}`;
  return `${definition.kind} ${name}`;
}

function toExtension({ description: _description, ...node }: TypeDefinitionNode) {
  return { ...node, kind: node.kind.replace('Definition', 'Extension') } as TypeExtensionNode;
}

function toDefinition(node: TypeExtensionNode) {
  return { ...node, kind: node.kind.replace('Extension', 'Definition') } as TypeDefinitionNode;
}
