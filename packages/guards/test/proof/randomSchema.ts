import fc from 'fast-check';

/** Takes a value of an arbitrary, as `fc.gen()` makes it. */
export type Take = <Value>(arbitrary: () => fc.Arbitrary<Value>) => Value;

/** One of several, each as likely. */
export function pick<Value>(take: Take, values: readonly Value[]): Value {
  const index = take(() => fc.nat({ max: values.length - 1 }));
  return values[index] as Value;
}

/** True in so many of a hundred cases. */
export function sometimes(take: Take, percent: number): boolean {
  return take(() => fc.nat({ max: 99 })) < percent;
}

const guardDirectives = ['@auth', '@fresh', '@fresh(maxAge: 60)', '@admin', '@verified'];

// As stubs have them, of which each field has an argument, and each object a property, that says whose it is.
const ofArguments = '@self(argument: "isOwn")';
const ofObjects = ['@owner(field: "isOwn")', '@owner(field: "isOwn", or: ADMIN)'];
const ofScopes = '@requiresScopes(scopes: [["a", "b"], ["c"]])';

function maybeGuards(take: Take, seeing: readonly string[]): string {
  if (sometimes(take, 60)) return '';
  const all = [...guardDirectives, ...seeing];
  const [one, other] = [pick(take, all), pick(take, all)];
  const isSame = one.replace(/\(.*/, '') === other.replace(/\(.*/, '');
  return isSame || sometimes(take, 70) ? one : `${one} ${other}`;
}

function rootDirective(take: Take, seeing: readonly string[]): string {
  const guards = maybeGuards(take, seeing);
  return guards || pick(take, ['@public', '@optionalAuth']);
}

const interfaceNames = ['I0', 'I1', 'I2'];
// I2 implements I1, which implements I0.
const parentsOf: Record<string, readonly string[]> = { I0: [], I1: ['I0'], I2: ['I1', 'I0'] };
const objectNames = ['T0', 'T1', 'T2', 'T3'];
const unionNames = ['U0', 'U1'];
// R is an interface that asks for nothing, which Query implements too.
const rootNames = ['Query', 'R'];

/** Every type that a selection can be on. */
export const compositeNames = [...objectNames, ...interfaceNames, ...unionNames, ...rootNames];

/**
 * Writes a schema of object types, interfaces of interfaces and unions that lead to each other in lists of lists. For
 * stubs, there are guards that see arguments and objects among the others.
 */
export function randomSchema(take: Take, { forStub = false } = {}): string {
  const ofRoots = forStub ? [ofScopes, ofArguments] : [];
  const ofTypes = forStub ? [ofScopes, ...ofObjects] : [];
  const ofFields = forStub ? [...ofTypes, ofArguments] : [];
  const leadTo = (): string => {
    const name = pick(take, ['ID', ...compositeNames]);
    return pick(take, [name, name, `[${name}!]`, `[[${name}]!]!`]);
  };
  // What an interface asks for, each type has as it is.
  const interfaceFields = Object.fromEntries(
    interfaceNames.map((name) => [name, `of${name}: ${leadTo()}`]),
  );
  interfaceFields['R'] = 'ofR: ID';
  const define = (keyword: string, name: string, interfaces: readonly string[], own: string[]) => {
    const asked = interfaces.map((one) => interfaceFields[one] ?? '');
    const fields = [...asked, ...own].map((field) => `${field} ${maybeGuards(take, ofFields)}`);
    const implemented = interfaces.length > 0 ? ` implements ${interfaces.join(' & ')}` : '';
    return `${keyword} ${name}${implemented} ${maybeGuards(take, ofTypes)} { ${fields.join(' ')} }`;
  };
  const interfaces = interfaceNames.map((name) =>
    define('interface', name, parentsOf[name] ?? [], [interfaceFields[name] ?? '']),
  );
  const objects = objectNames.map((name, index) => {
    // The first has all, so that no interface is without a type.
    const chosen = index === 0 ? 'I2' : pick(take, [...interfaceNames, null]);
    const implemented = chosen ? [chosen, ...(parentsOf[chosen] ?? [])] : [];
    const own = [`a: ${leadTo()}`, `b: ${leadTo()}`, 'c: Scalar'];
    return define('type', name, [...implemented, ...(index === 1 ? ['R'] : [])], own);
  });
  const unions = unionNames.map((name) => {
    const members = objectNames.filter(() => sometimes(take, 50));
    return `union ${name} = ${members.length > 0 ? members.join(' | ') : 'T1'}`;
  });
  const roots = ['Query', 'Mutation', 'Subscription'].map((name) => {
    const fields = ['a', 'b', 'c'].map(
      (field) => `${field}: ${leadTo()} ${rootDirective(take, ofRoots)}`,
    );
    const withR = name === 'Query' ? ` implements R` : '';
    const ofR = name === 'Query' ? ` ofR: ID ${rootDirective(take, ofRoots)}` : '';
    return `type ${name}${withR} { ${fields.join(' ')}${ofR} }`;
  });
  return [
    'scalar Scalar interface R { ofR: ID }',
    ...interfaces,
    ...objects,
    ...unions,
    ...roots,
  ].join('\n');
}
