/**
 * Finds out, once and at the start, whether the settings of a gate can be used.
 *
 * @throws TypeError with a sentence that names the setting, and never says its value
 */
export function checkGateSettings(settings: object): void {
  const given = settings as Given;
  const problem =
    findUnknown(given) ??
    findSchemaProblem(given) ??
    findKeyProblem(given) ??
    findIssuerProblem(given) ??
    findWrong(given);
  if (problem !== null) throw new TypeError(`createGate ${problem}`);
}

type Given = Readonly<Record<string, unknown>>;

const isFunction = (value: unknown) => typeof value === 'function';
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isSeconds = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isLife = (value: unknown) => isSeconds(value) && value !== 0;

/** What may be left out, and how each must be where it is given. */
const optional: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  loadUserOfApiToken: [isFunction, 'a function'],
  loadUserOfIssuer: [isFunction, 'a function'],
  issuers: [isObject, 'what trustIssuers gives'],
  issuer: [isText, 'a text'],
  audience: [isText, 'a text'],
  realm: [isText, 'a text'],
  leewaySeconds: [isSeconds, 'a whole number of seconds'],
  freshSeconds: [isSeconds, 'a whole number of seconds'],
  lifeSeconds: [areLives, 'whole numbers of seconds, for access and refresh'],
  memory: [isObject, 'an object with get and set'],
  guards: [isObject, 'an object of guards by the name of their directive'],
  others: [(value) => Array.isArray(value) && value.every(isText), 'a list of names'],
  idOf: [isFunction, 'a function'],
  onRefusal: [isFunction, 'a function'],
  fieldResolver: [isFunction, 'a function'],
  subscribeFieldResolver: [isFunction, 'a function'],
  clock: [isFunction, 'a function'],
};
const needed = ['typeDefs', 'resolvers', 'schema', 'secret', 'keys', 'loadUser'];

// A slip in a name would leave a setting without effect.
function findUnknown(given: Given): string | null {
  const unknown = Object.keys(given).find((name) => !(name in optional) && !needed.includes(name));
  return unknown === undefined ? null : `has no setting ${unknown}.`;
}

function findSchemaProblem({ typeDefs, resolvers, schema }: Given): string | null {
  if (!typeDefs && !schema) return 'needs typeDefs, or a schema that has the access directives.';
  if (typeDefs && schema) return 'takes typeDefs or a schema, not both.';
  return schema && resolvers ? 'takes resolvers with typeDefs only: a schema has its own.' : null;
}

function findKeyProblem({ secret, keys, loadUser }: Given): string | null {
  if (!secret && !keys) return 'needs a secret of at least 32 bytes, or keys.';
  if (secret && keys) return 'takes a secret or keys, not both.';
  if (secret && typeof secret !== 'string') return 'needs a secret that is a text.';
  return isFunction(loadUser) ? null : 'needs loadUser, which finds the user of a token.';
}

function findIssuerProblem({ issuers, loadUserOfIssuer }: Given): string | null {
  return Boolean(issuers) === Boolean(loadUserOfIssuer)
    ? null
    : 'takes issuers and loadUserOfIssuer together: without either, their tokens are invalid.';
}

function findWrong(given: Given): string | null {
  const wrong = Object.entries(optional).find(
    ([name, [isRight]]) => given[name] !== undefined && !isRight(given[name]),
  );
  return wrong ? `takes for ${wrong[0]} ${wrong[1][1]}.` : null;
}

function areLives(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(
      ([kind, life]) => ['access', 'refresh'].includes(kind) && isLife(life),
    )
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
