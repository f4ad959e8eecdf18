import { authGuards, authTypeDefs, type Guards, guardSchema, signedIn } from '@sallyport/guards';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { rootValue as items, user } from '../guards/items.ts';

export const guards: Guards = authGuards({ freshSeconds: 300 });

/** The items of the other benchmark, each of them the user's own. */
export const rootValue = { items: items.items.map((item) => ({ ...item, userId: user.id })) };

/** A list whose type and five fields all have the directive, and the same without guards. */
export function itemsSchemas(directive: string) {
  const build = () =>
    buildSchema(`
      ${authTypeDefs}
      type Query { items: [Item] @public }
      type Item ${directive} {
        id: ID ${directive}
        name: String ${directive}
        count: Int ${directive}
        price: Float ${directive}
        isNew: Boolean ${directive}
      }
    `);
  return { guarded: guardSchema(build(), { guards }), unguarded: build() };
}

/** Types as Relay has them, each with its connection and edges, all of them nodes; names are T0, T1 and so on. */
export function relaySchema(count: number): GraphQLSchema {
  const type = (name: string) => `
    type ${name} implements Node @auth { id: ID! name: String secret: String @admin }
    type ${name}Edge { node: ${name} cursor: String! }
    type ${name}Connection { edges: [${name}Edge] pageInfo: PageInfo! }
  `;
  const root = (name: string) =>
    `${name.toLowerCase()}s(first: Int): ${name}Connection @optionalAuth`;
  const names = Array.from({ length: count }, (_, number) => `T${number}`);
  return guardSchema(
    buildSchema(`
      ${authTypeDefs}
      interface Node { id: ID! }
      type PageInfo { hasNextPage: Boolean! endCursor: String }
      type Query { node(id: ID!): Node @optionalAuth ${names.map(root).join(' ')} }
      ${names.map(type).join('')}
    `),
    { guards },
  );
}

/** Types of which each leads to each other one, over fields that ask for a scope of the eighteen. */
export function scopesSchema(types: number): { schema: GraphQLSchema; guards: Guards } {
  const numbers = Array.from({ length: types }, (_, number) => number);
  const type = (from: number) => {
    const leads = numbers.map(
      (to) => `to${to}: T${(from + to * 5 + 1) % types} @scope(of: ${to % 18})`,
    );
    return `type T${from} { ${leads.join(' ')} name: ID }`;
  };
  const all = { ...guards, scope: signedIn(() => null) };
  const schema = buildSchema(`
    ${authTypeDefs}
    directive @scope(of: Int) on FIELD_DEFINITION
    type Query { t: T0 @public }
    ${numbers.map(type).join(' ')}
  `);
  return { schema: guardSchema(schema, { guards: all }), guards: all };
}
