import { authGuards } from '@sallyport/guards';
import fc from 'fast-check';
import { type GraphQLArgument, type GraphQLField, getNamedType, isLeafType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../../src/schema.ts';
import { register } from '../../support/account.ts';
import { failure, startApp, type TestApp } from '../../support/app.ts';
import { testService } from '../../support/testService.ts';
import { expectNoMarker, marker, sendBody } from './expectDocumented.ts';

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp({
    environment: { RATE_LIMIT_ACCOUNT: '0', RATE_LIMIT_SIGN_IN: '0', RATE_LIMIT_REGISTER: '0' },
  });
  token = (await register(app)).accessToken;
});
afterAll(() => app.close());

/** Fields that take a secret, with a hole for it. */
const secretFields: [string, string][] = [
  ['register', 'register(username: "someone", password: $secret) { fresh }'],
  ['login', 'login(username: "someone", password: $secret) { fresh }'],
  ['freshLogin', 'freshLogin(password: $secret) { fresh }'],
  ['refresh', 'refresh(refreshToken: $secret) { fresh }'],
  ['logout', 'logout(refreshToken: $secret)'],
];

async function sendAndExpectNoMarker(body: unknown) {
  const answer = await sendBody(app, body, token);
  expectNoMarker(app, answer);
  return answer;
}

describe.each(secretFields)('the secret of %s is not repeated', (name, field) => {
  const type = name === 'refresh' || name === 'logout' ? 'String' : 'String!';

  test.each<[string, unknown]>([
    ['a string', marker],
    ['a string that is too long', marker.repeat(1000)],
    ['a string with NUL', `${marker}\0`],
    ['a string with half of a surrogate pair', `${marker}\ud800`],
    ['a list', [marker]],
    ['a list of lists', [[marker]]],
    ['an object', { [marker]: marker }],
    ['an object with toString', { toString: marker, toJSON: marker }],
  ])('when it is sent as %s in variables', async (_what, secret) => {
    const query = `mutation ($secret: ${type}) { ${field} }`;
    const answer = await sendAndExpectNoMarker({ query, variables: { secret } });
    if (typeof secret === 'object') {
      expect(failure(answer)).toEqual({
        code: 'BAD_USER_INPUT',
        argument: 'secret',
        message: `Variable "$secret" got a value that is not of type ${type}.`,
      });
    }
  });

  test.each<[string, string]>([
    ['a string', `"${marker}"`],
    ['a block string', `"""${marker}"""`],
    ['a list', `["${marker}"]`],
    ['a list of lists', `[["${marker}"]]`],
    ['an object', `{ password: "${marker}" }`],
    ['the name of a field of an object', `{ hunter2: 1 }`],
    ['a name', 'hunter2'],
    ['a name and more', 'hunter2 hunter2'],
    ['a variable that is not declared', '$hunter2'],
    ['a string without an end', `"${marker}`],
    ['a block string without an end', `"""${marker}`],
    ['a string of two lines', `"${marker}\n${marker}"`],
    ['a string with a bad escape', `"${marker}\\q"`],
    ['a string with a bad unicode escape', `"${marker}\\u{110000}"`],
    ['a string behind which something is missing', `"${marker}" {`],
    ['a string before a string', `"${marker}" "${marker}"`],
    ['a string in single quotes', `'${marker}'`],
    ['a string with a quote in it', `"${marker}"${marker}"`],
  ])('when it is sent as %s in the document', async (_what, literal) => {
    await sendAndExpectNoMarker({ query: `mutation { ${field.replace('$secret', literal)} }` });
  });

  test.each(['20022002', '-20022002', '2002.2002', '2e2002', 'true', '0020022002', '2002x'])(
    'when it is the bare %s in the document',
    async (literal) => {
      const query = `mutation { ${field.replace('$secret', literal)} }`;
      const answer = await sendBody(app, { query }, token);
      expect(JSON.stringify(answer.errors.map(({ message }) => message))).not.toMatch(/2002|true/);
      expect(app.logLines.join('')).not.toMatch(/"\S*20022002/);
    },
  );

  test('when it is the default of a variable of another type', async () => {
    const argument = field.replace('$secret', '$v');
    for (const [variable, literal] of [
      ['Int', `"${marker}"`],
      ['String', `["${marker}"]`],
      ['Boolean', `"${marker}"`],
      ['[String!]', `[null, "${marker}"]`],
    ]) {
      const query = `mutation ($v: ${variable} = ${literal}) { ${argument} }`;
      await sendAndExpectNoMarker({ query });
    }
  });

  test('when it is the value of an argument that does not exist', async () => {
    const query = `mutation { ${field.replace('$secret', `"x", pin: "${marker}"`)} }`;
    await sendAndExpectNoMarker({ query });
  });
});

test.each([
  ['a body that is cut off', `{"query":"mutation","variables":{"password":"${marker}`],
  ['a body with a bare word', `{"variables":{"password":${marker}}}`],
  ['a body with a bad escape', `{"variables":{"password":"${marker}\\q"}}`],
  ['a body in a list', `[{"variables":{"password":"${marker}"}}]`],
  [
    'variables in a string',
    `{"query":"{ serverTime }","variables":"{\\"password\\":\\"${marker}\\"}"}`,
  ],
  ['variables in a list', `{"query":"{ serverTime }","variables":["${marker}"]}`],
  [
    'an operation name',
    `{"query":"query A { serverTime } query B { serverTime }","operationName":["${marker}"]}`,
  ],
])('a secret is not repeated in the answer to %s', async (_what, body) => {
  await sendAndExpectNoMarker(body);
});

test('a secret in two places of two fields is not repeated', async () => {
  await sendAndExpectNoMarker({
    query: `mutation {
      a: login(username: "someone", password: "${marker}") { fresh }
      a: login(username: "someone", password: "${marker}-2") { fresh }
    }`,
  });
});

const schema = createSchema(authGuards({ freshSeconds: 300 }), testService.features);
const operations = [
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => ({
    operation: 'mutation',
    field,
  })),
  ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => ({
    operation: 'query',
    field,
  })),
].filter(({ field }) => field.args.length > 0);

/** The field with each of its arguments from a variable of the same name. */
function documentOf(operation: string, { name, args, type }: GraphQLField<unknown, unknown>) {
  const list = (write: (argument: GraphQLArgument) => string) => args.map(write).join(', ');
  const selection = isLeafType(getNamedType(type)) ? '' : ' { __typename }';
  return `${operation} (${list((argument) => `$${argument.name}: ${argument.type}`)}) {
    ${name}(${list((argument) => `${argument.name}: $${argument.name}`)})${selection}
  }`;
}

const isSecret = (argument: GraphQLArgument) => /password|token/i.test(argument.name);

/** Any JSON, more often than not of about the right kind. */
function valueFor(argument: GraphQLArgument): fc.Arbitrary<unknown> {
  const text = isSecret(argument)
    ? fc.string({ unit: 'binary', maxLength: 40 }).map((rest) => marker + rest)
    : fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: fc.constantFrom('\ud800', '\0', '\u202E', 'e\u0301', 'İ', 'ﷺ', 'a') }),
      );
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const leaf = isSecret(argument)
    ? text
    : fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.constant(undefined));
  return fc.oneof(
    { weight: 3, arbitrary: text },
    { weight: 1, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 5 }), leaf, { maxKeys: 3 }) },
    { weight: isSecret(argument) ? 0 : 2, arbitrary: number },
  );
}

test.each(operations.map(({ operation, field }) => [field.name, operation, field] as const))(
  'whatever the variables of %s are, the answer is one that clients know, and repeats no secret',
  async (_name, operation, field) => {
    const query = documentOf(operation, field);
    // Each field with an account of its own, which it may change or end.
    const { accessToken } = await register(app, { admin: true });
    const variables = fc.record(
      Object.fromEntries(field.args.map((argument) => [argument.name, valueFor(argument)])),
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(variables, async (values) => {
        const answer = await sendBody(app, { query, variables: values }, accessToken);
        expectNoMarker(app, answer);
      }),
      { numRuns: 25 },
    );
  },
);

test('the schema has operations with secrets', () => {
  expect(operations.length).toBeGreaterThanOrEqual(8);
});
