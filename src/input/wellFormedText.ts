import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { badUserInput } from '../errors.ts';

/**
 * Makes every field refuse arguments with text that no database can keep: NUL, and halves of a surrogate pair. JSON
 * and GraphQL can both write them.
 */
export function requireWellFormedText(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field) => {
      if (Object.keys(field.args ?? {}).length === 0) return undefined;
      return {
        ...field,
        resolve: checked(field.resolve ?? defaultFieldResolver),
        ...(field.subscribe && { subscribe: checked(field.subscribe) }),
      };
    },
  });
}

function checked(
  resolver: GraphQLFieldResolver<unknown, unknown>,
): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, context, info) => {
    for (const [argument, value] of Object.entries(args)) {
      if (!isWellFormed(value)) {
        throw badUserInput(
          argument,
          `"${argument}" has a character that cannot be stored: NUL or half of a surrogate pair.`,
        );
      }
    }
    return resolver(source, args, context, info);
  };
}

/** Whether all text in a value can be stored. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(isWellFormed);
  return typeof value === 'object' && value !== null
    ? Object.values(value).every(isWellFormed)
    : true;
}
