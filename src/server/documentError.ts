import { ApolloServerErrorCode } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError, Kind, print } from 'graphql';

const valueKinds = new Set<string>([
  Kind.VARIABLE,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
]);

const requestCodes = new Set<unknown>([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
  ApolloServerErrorCode.BAD_REQUEST,
  ApolloServerErrorCode.BAD_USER_INPUT,
]);

/**
 * The errors that GraphQL itself finds in a document or its variables, without the values they repeat: one of them
 * could be a password. Null for any other error.
 */
export function documentError(
  formatted: GraphQLFormattedError,
  error: unknown,
): GraphQLFormattedError | null {
  const node = error instanceof GraphQLError ? error.nodes?.[0] : undefined;
  const code = formatted.extensions?.['code'];
  const invalid = ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED;
  if (node?.kind === Kind.VARIABLE_DEFINITION && code !== invalid) {
    const argument = node.variable.name.value;
    const message = `Variable "$${argument}" got a value that is not of type ${print(node.type)}.`;
    return { ...formatted, message, extensions: { code: 'BAD_USER_INPUT', argument } };
  }
  // Only execution finds out that a document asks for a kind of operation that the schema does not have.
  if (
    node?.kind === Kind.OPERATION_DEFINITION &&
    code === ApolloServerErrorCode.INTERNAL_SERVER_ERROR
  ) {
    return { ...formatted, extensions: { code: invalid } };
  }
  if (node && valueKinds.has(node.kind)) {
    const message = withoutValue(formatted.message);
    return { ...formatted, message, extensions: { code: requestCode(code) } };
  }
  if (!requestCodes.has(code)) return null;
  if (code === ApolloServerErrorCode.GRAPHQL_PARSE_FAILED) return parseError(formatted);
  const { limit, maximum } = formatted.extensions ?? {};
  return { ...formatted, extensions: { code, ...(limit !== undefined && { limit, maximum }) } };
}

function parseError(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const code = ApolloServerErrorCode.GRAPHQL_PARSE_FAILED;
  const [, digits] =
    /^Syntax Error: Document contains more that (\d+) tokens/.exec(formatted.message) ?? [];
  if (digits !== undefined) {
    const maximum = Number(digits);
    const message = `Too many tokens: a document may have ${maximum.toLocaleString('en-US')}, and this one has more.`;
    return { ...formatted, message, extensions: { code, limit: 'tokens', maximum } };
  }
  // The parser throws only one thing that is not a GraphQLError: the RangeError of a stack that is full.
  const isSyntaxError = formatted.message.startsWith('Syntax Error: ');
  const message = isSyntaxError
    ? formatted.message.replace(/ (String|BlockString|Int|Float|Name) ".*"/s, ' $1')
    : 'Syntax Error: The document is nested too deeply.';
  return { ...formatted, message, extensions: { code } };
}

function requestCode(code: unknown): unknown {
  return requestCodes.has(code) ? code : ApolloServerErrorCode.BAD_USER_INPUT;
}

// Keeps of a message what comes before the value, where graphql-js is known to put it.
function withoutValue(message: string): string {
  const known =
    /^(?:(?:Int|Float|String|Boolean|ID) cannot represent [^:]*(?=:)|Expected value of type "[\w![\]]+"(?=, found)|(?:Argument|Variable) "\$?\w+" of (?:required |non-null )?type "[\w![\]]+")/.exec(
      message,
    );
  return known ? `${known[0]}: this value does not fit.` : 'This value does not fit here.';
}
