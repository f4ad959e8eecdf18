/** Where a request keeps its headers: of Node, of Fastify around that, or of the Fetch API. */
export interface Carrier {
  readonly headers?: unknown;
  readonly headersDistinct?: unknown;
  readonly raw?: unknown;
}

/**
 * The `Authorization` lines of a request. Two of them are two wherever the server can still tell: in Node only
 * `headersDistinct` does.
 */
export function authorizationLines(request: unknown): readonly string[] {
  if (!isObject(request)) return [];
  const { headersDistinct, headers, raw } = request as Carrier;
  if (isObject(raw) && 'headersDistinct' in raw) return authorizationLines(raw);
  if (isObject(headersDistinct)) return linesOf(Reflect.get(headersDistinct, 'authorization'));
  if (!isObject(headers)) return [];
  const { get } = headers as { get?: unknown };
  return linesOf(
    typeof get === 'function'
      ? get.call(headers, 'authorization')
      : Reflect.get(headers, 'authorization'),
  );
}

/**
 * The same of what a client sends when it opens a connection: `authorization`, in any letter case, beside other things
 * or within `headers`.
 */
export function authorizationOfParameters(parameters: unknown): readonly string[] {
  if (!isObject(parameters)) return [];
  const { headers } = parameters as Carrier;
  return [parameters, headers].filter(isObject).flatMap((each) =>
    Object.entries(each)
      .filter(([name]) => name.toLowerCase() === 'authorization')
      .flatMap(([, value]) => linesOf(value)),
  );
}

// What is there and is no text is no token either, and nobody who sent it is anonymous.
function linesOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  return [value].flat().map((line) => (typeof line === 'string' ? line : 'Bearer'));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
