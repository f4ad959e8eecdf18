/** Uses the feature of "Add a feature", in a copy of the project that has it. */
export const tryFeature = `
import { createApp } from './src/app.ts';
import { loadConfig } from './src/config.ts';
import { openDatabase } from './src/database.ts';

const secretKey = 'a test server signs with this secret key, and no other does';
const config = loadConfig({ JWT_SECRET_KEY: secretKey, DATA_DIR: 'memory:', LOG_LEVEL: 'silent' });
const { database } = await openDatabase(config, () => {});
const app = await createApp({ config, secretKey, database });
const ask = async (query: string, token?: string) => {
  const headers = token ? { authorization: 'Bearer ' + token } : {};
  const answer = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } });
  return answer.json().data ?? null;
};
const { register } = await ask('mutation { register(username: "ada", password: "correct horse battery") { accessToken } }');
console.log(JSON.stringify([
  await ask('{ invoices { title } }', register.accessToken),
  await ask('mutation { createInvoice(title: "A chair") { title } }', register.accessToken),
  await ask('{ invoices { title } }', register.accessToken),
  await ask('{ invoices { title } }'),
]));
process.exit(0);
`;

/** Uses the guard of "A guard of your own", in a copy of the project that has it. */
export const tryGuard = `
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createApp } from './src/app.ts';
import { callers, guardSchema, proveAccess } from './src/auth/index.ts';
import { loadConfig } from './src/config.ts';
import { openDatabase } from './src/database.ts';
import { createGuards } from './src/guards.ts';
import { createSchema } from './src/schema.ts';

const secretKey = 'a test server signs with this secret key, and no other does';
const config = loadConfig({ JWT_SECRET_KEY: secretKey, DATA_DIR: 'memory:', LOG_LEVEL: 'silent' });
const { database } = await openDatabase(config, () => {});
const app = await createApp({ config, secretKey, database });
const ask = async (query: string, token?: string) => {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      accept: 'application/graphql-response+json',
      ...(token && { authorization: 'Bearer ' + token }),
    },
    payload: { query },
  });
  const challenge = response.headers['www-authenticate'];
  return { status: response.statusCode, challenge, body: response.json() };
};
const register = async (fields: string) => {
  const { body } = await ask(
    'mutation { register(password: "correct horse battery", ' + fields + ') { accessToken } }',
  );
  return body.data.register.accessToken;
};
const nameless = await register('username: "eve"');
const named = await register('username: "ada", fullName: "Ada Lovelace"');
const create = 'mutation { createItem(name: "chair", price: 4.5) { name } }';
const answers = {
  nameless: await ask(create, nameless),
  named: await ask(create, named),
  deeper: await ask('{ items { edges { node { name price } } } }', nameless),
};

const guards = createGuards({ freshSeconds: 300 });
const as = (fullName: string | null) => ({ ...callers.user, user: { fullName } });
const { operations } = await proveAccess(createSchema(guards), {
  guards,
  callers: { named: as('Ada Lovelace'), nameless: as(null) },
});
let problem = null;
try {
  const typeDefs = 'directive @named on FIELD_DEFINITION type Query { open: Int @named naked: Int }';
  guardSchema(makeExecutableSchema({ typeDefs }), { guards });
} catch (error) {
  problem = error.message;
}
console.log(JSON.stringify({ ...answers, operations, problem }));
process.exit(0);
`;
