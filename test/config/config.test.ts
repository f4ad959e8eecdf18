import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ecKey, otherSecret, problemsOf, production, secret } from './environment.ts';

test('an empty environment has the documented defaults', () => {
  expect(loadConfig({})).toEqual({
    production: false,
    host: '127.0.0.1',
    port: 4000,
    databaseUrl: null,
    databasePoolSize: 16,
    dataDir: './data',
    jwt: expect.objectContaining({
      secretKey: null,
      previousSecretKey: null,
      privateKey: null,
      accessTokenExpiresInSeconds: 900,
      refreshTokenExpiresInSeconds: 2_592_000,
      refreshIdleExpiresInSeconds: 1_209_600,
      freshExpiresInSeconds: 300,
      issuer: 'sallyport',
      audience: 'sallyport',
      leewaySeconds: 10,
      cookies: null,
    }),
    trustedIssuers: [],
    passwords: { minimumLength: 15, issuer: 'sallyport', blocklistFile: null },
    admin: null,
    registrationOpen: true,
    rateLimits: { account: 5, signIn: 30, register: 20 },
    auditRetentionDays: 400,
    documentLimits: {
      tokens: 1000,
      depth: 8,
      aliases: 15,
      rootFields: { query: 20, mutation: 5 },
      directives: 50,
      recursiveSelections: 10_000,
      cost: 5000,
    },
    corsOrigins: [],
    trustProxy: [],
    logLevel: 'info',
    graphiql: true,
    introspection: true,
    warnings: [],
  });
});

test('in production GraphiQL and introspection are off, unless they are switched on', () => {
  expect(loadConfig(production)).toMatchObject({
    production: true,
    graphiql: false,
    introspection: false,
  });
  expect(loadConfig({ ...production, GRAPHIQL: 'true', INTROSPECTION: 'true' })).toMatchObject({
    graphiql: true,
    introspection: true,
  });
});

test('every setting can be set', () => {
  const config = loadConfig({
    HOST: '::',
    PORT: '0',
    DATABASE_URL: 'postgresql://sallyport@db.example.com:5432/sallyport',
    DATA_DIR: 'memory:',
    JWT_SECRET_KEY: secret,
    JWT_SECRET_KEY_PREVIOUS: otherSecret,
    JWT_PRIVATE_KEY: ecKey,
    JWT_ACCESS_TOKEN_EXPIRES: '1',
    JWT_REFRESH_TOKEN_EXPIRES: '2',
    JWT_REFRESH_IDLE_EXPIRES: '3',
    JWT_FRESH_EXPIRES: '4',
    JWT_ISSUER: 'https://issuer.example.com',
    JWT_AUDIENCE: 'https://api.example.com',
    JWT_LEEWAY: '0',
    PASSWORD_MIN_LENGTH: '8',
    ADMIN_USERNAME: 'root',
    ADMIN_PASSWORD: 'correct horse battery',
    REGISTRATION: 'closed',
    RATE_LIMIT_ACCOUNT: '0',
    RATE_LIMIT_SIGN_IN: '1',
    RATE_LIMIT_REGISTER: '2',
    AUDIT_RETENTION_DAYS: '3',
    DOCUMENT_MAX_TOKENS: '11',
    DOCUMENT_MAX_DEPTH: '12',
    DOCUMENT_MAX_ALIASES: '13',
    DOCUMENT_MAX_ROOT_FIELDS: '14',
    DOCUMENT_MAX_MUTATION_FIELDS: '15',
    DOCUMENT_MAX_DIRECTIVES: '16',
    DOCUMENT_MAX_SELECTIONS: '17',
    DOCUMENT_MAX_COST: '18',
    CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
    TRUST_PROXY: '10.0.0.0/8, ::1',
    LOG_LEVEL: 'silent',
    GRAPHIQL: 'false',
    INTROSPECTION: 'false',
  });
  expect(config).toMatchObject({
    host: '::',
    port: 0,
    databaseUrl: 'postgresql://sallyport@db.example.com:5432/sallyport',
    dataDir: 'memory:',
    jwt: {
      secretKey: secret,
      previousSecretKey: otherSecret,
      privateKey: ecKey,
      accessTokenExpiresInSeconds: 1,
      refreshTokenExpiresInSeconds: 2,
      refreshIdleExpiresInSeconds: 3,
      freshExpiresInSeconds: 4,
      issuer: 'https://issuer.example.com',
      audience: 'https://api.example.com',
      leewaySeconds: 0,
    },
    passwords: { minimumLength: 8, issuer: 'https://issuer.example.com', blocklistFile: null },
    admin: { username: 'root', password: 'correct horse battery' },
    registrationOpen: false,
    rateLimits: { account: 0, signIn: 1, register: 2 },
    auditRetentionDays: 3,
    documentLimits: {
      tokens: 11,
      depth: 12,
      aliases: 13,
      rootFields: { query: 14, mutation: 15 },
      directives: 16,
      recursiveSelections: 17,
      cost: 18,
    },
    corsOrigins: ['https://app.example.com', 'http://localhost:5173'],
    trustProxy: ['10.0.0.0/8', '::1'],
    logLevel: 'silent',
    graphiql: false,
    introspection: false,
  });
});

const notNumbers = ['', ' ', ' 5', '5 ', '+5', '-1', '7200.5', '1e3', '0x10', '5s', '1_000', 'NaN'];
const oversized = ['99999999999', 'Infinity', 'banana'];
const seconds = { good: ['1', '7200', '2147483647'], bad: ['0', '2147483648'] };
const count = { good: ['0', '1', '2147483647'], bad: ['2147483648'] };
const limit = { good: ['1', '2147483647'], bad: ['0', '2147483648'] };
const numbers: Record<string, { good: string[]; bad: string[] }> = {
  PORT: { good: ['0', '1', '65535'], bad: ['65536'] },
  JWT_ACCESS_TOKEN_EXPIRES: seconds,
  JWT_REFRESH_TOKEN_EXPIRES: seconds,
  JWT_REFRESH_IDLE_EXPIRES: seconds,
  JWT_FRESH_EXPIRES: seconds,
  JWT_LEEWAY: { good: ['0', '300'], bad: ['301'] },
  AUDIT_RETENTION_DAYS: { good: ['1', '36500'], bad: ['0', '36501', '1.5', '-1', ''] },
  PASSWORD_MIN_LENGTH: { good: ['8', '256'], bad: ['0', '7', '257'] },
  RATE_LIMIT_ACCOUNT: count,
  RATE_LIMIT_SIGN_IN: count,
  RATE_LIMIT_REGISTER: count,
  DOCUMENT_MAX_TOKENS: { good: ['1', '2500'], bad: ['0', '2501'] },
  DOCUMENT_MAX_DEPTH: limit,
  DOCUMENT_MAX_ALIASES: limit,
  DOCUMENT_MAX_ROOT_FIELDS: limit,
  DOCUMENT_MAX_MUTATION_FIELDS: limit,
  DOCUMENT_MAX_DIRECTIVES: limit,
  DOCUMENT_MAX_SELECTIONS: limit,
  DOCUMENT_MAX_COST: limit,
};

const texts: Record<string, { good: string[]; bad: string[] }> = {
  HOST: { good: ['0.0.0.0', '::1', 'localhost'], bad: [''] },
  DATABASE_URL: {
    good: ['postgres://127.0.0.1/db', 'postgresql://user:word@db:5432/db?sslmode=require'],
    bad: ['', 'banana', 'mysql://127.0.0.1/db', 'http://127.0.0.1', '127.0.0.1:5432', 'postgres'],
  },
  DATA_DIR: { good: ['/var/lib/sallyport', 'memory:'], bad: [''] },
  JWT_ISSUER: { good: ['issuer'], bad: [''] },
  JWT_AUDIENCE: { good: ['audience'], bad: [''] },
  JWT_TOKEN_LOCATION: {
    good: ['headers', 'headers,cookies'],
    bad: ['', 'cookies', 'cookies,headers', 'Headers', 'query_string'],
  },
  REGISTRATION: { good: ['open', 'closed'], bad: ['', 'true', 'Open'] },
  LOG_LEVEL: { good: ['trace', 'debug', 'warn', 'error', 'fatal'], bad: ['', 'loud', 'INFO'] },
  GRAPHIQL: { good: ['true', 'false'], bad: ['', '1', 'yes', 'TRUE'] },
  INTROSPECTION: { good: ['true', 'false'], bad: ['', '0', 'no'] },
  CORS_ORIGINS: {
    good: ['*', 'https://app.example.com', 'http://localhost:5173,https://a.example'],
    bad: [
      '',
      'null',
      'app.example.com',
      'https://app.example.com/',
      'https://app.example.com/path',
      'https://*.example.com',
      'https://app.example.com,',
      '*,https://app.example.com',
    ],
  },
  TRUST_PROXY: {
    good: ['127.0.0.1', '::1', '10.0.0.0/8,192.168.0.0/16', 'fd00::/8', '10.0.0.1/32'],
    bad: [
      '',
      'true',
      '1',
      'loopback',
      'proxy.example.com',
      '10.0.0.0/33',
      'fd00::/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      '0.0.0.0/0',
      '0.0.0.0/1,128.0.0.0/1',
      '0.0.0.0/5,8.0.0.0/5',
      '::ffff:0:0/96',
      '2000::/3',
      '::/0',
      '10.0.0.256',
      '10.0.0.1,',
      'fe80::1%eth0',
    ],
  },
};

const numberCases = Object.entries(numbers).map(
  ([name, { good, bad }]) => [name, good, [...bad, ...notNumbers, ...oversized]] as const,
);
const textCases = Object.entries(texts).map(([name, { good, bad }]) => [name, good, bad] as const);

test.each(['prod', 'Production ', 'staging', ''])('NODE_ENV cannot be "%s"', (value) => {
  expect(problemsOf({ NODE_ENV: value })).toEqual([
    'NODE_ENV must be production or development or test.',
  ]);
});

test('an access token that lives longer than a day is a warning', () => {
  const warnings = (value: string) => loadConfig({ JWT_ACCESS_TOKEN_EXPIRES: value }).warnings;
  expect(warnings('86400')).toEqual([]);
  expect(warnings('86401')).toEqual([expect.stringMatching(/^JWT_ACCESS_TOKEN_EXPIRES /)]);
});

describe.each([...numberCases, ...textCases])('%s', (name, good, bad) => {
  test.each(good)('can be "%s"', (value) => {
    expect(problemsOf({ [name]: value })).toEqual([]);
  });

  test.each(bad)('cannot be "%s"', (value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(new RegExp(`^${name} \\S.*\\.$`));
  });
});

test('all problems of single variables and of combinations are reported together', () => {
  const environment = {
    NODE_ENV: 'production',
    PORT: 'banana',
    JWT_ACCESS_TOKEN_EXPIRES: '7200.5',
    JWT_TYPO: '1',
    JWT_EXPIRES: '2',
    ADMIN_USERNAME: 'root',
    RATE_LIMIT_ACCOUNT: '0',
  };
  expect(problemsOf(environment)).toEqual([
    'JWT_TYPO is not a setting of this server.',
    'JWT_EXPIRES is not a setting of this server.',
    'PORT must be a whole number from 0 to 65535.',
    'JWT_ACCESS_TOKEN_EXPIRES must be a whole number from 1 to 2147483647.',
    'JWT_SECRET_KEY must be set in production: make one with `openssl rand -base64 48`.',
    'ADMIN_USERNAME and ADMIN_PASSWORD must be set together.',
    'RATE_LIMIT_ACCOUNT cannot be 0 in production.',
  ]);
  expect(() => loadConfig(environment)).toThrow(
    [
      'The environment does not fit:',
      ...problemsOf(environment).map((problem) => `  ${problem}`),
    ].join('\n'),
  );
});

test('a variable with an invalid value is not reported as missing too', () => {
  expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET_KEY: 'short' })).toEqual([
    'JWT_SECRET_KEY must have at least 32 bytes: make one with `openssl rand -base64 48`.',
  ]);
});

test('variables of other programs are ignored', () => {
  expect(problemsOf({ PATH: '/usr/bin', npm_config_cache: '', MYJWT_SECRET: 'x' })).toEqual([]);
});

test('RATE_LIMIT_ACCOUNT can be 0 outside production only', () => {
  expect(problemsOf({ RATE_LIMIT_ACCOUNT: '0' })).toEqual([]);
  expect(problemsOf({ ...production, RATE_LIMIT_ACCOUNT: '0' })).toEqual([
    'RATE_LIMIT_ACCOUNT cannot be 0 in production.',
  ]);
  expect(problemsOf({ ...production, RATE_LIMIT_SIGN_IN: '0', RATE_LIMIT_REGISTER: '0' })).toEqual(
    [],
  );
});
