import { buildSchema, type DocumentNode, type ExecutionResult, parse } from 'graphql';

/** What a module of a contestant exports as `execute`: one request, by a caller who is signed in or by nobody. */
export type Execute = (
  document: DocumentNode,
  isSignedIn: boolean,
) => ExecutionResult | Promise<ExecutionResult>;

export const fieldNames = ['id', 'name', 'count', 'price', 'isNew'] as const;

/**
 * The schema of all contestants. The list is open to everyone, so that what an anonymous caller is refused is each
 * field. Fields can be null, so that a refusal costs nothing but the field.
 */
export function itemsSchema() {
  return buildSchema(`
    directive @auth on FIELD_DEFINITION | OBJECT | INTERFACE
    directive @public on FIELD_DEFINITION

    type Query {
      items: [Item] @public
    }

    type Item @auth {
      id: ID @auth
      name: String @auth
      count: Int @auth
      price: Float @auth
      isNew: Boolean @auth
    }
  `);
}

export const rootValue = {
  items: Array.from({ length: 1000 }, (_nothing, index) => ({
    id: `item-${index}`,
    name: `Item ${index}`,
    count: index,
    price: index + 0.5,
    isNew: index % 2 === 0,
  })),
};

export const user = { id: 'user' };

/** Asks for the items with the given fields. */
export function itemsDocument(fields: readonly string[]): DocumentNode {
  return parse(`{ items { ${fields.join(' ')} } }`);
}
