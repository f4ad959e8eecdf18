import { isIP } from 'node:net';
import { z } from 'zod';
import { createKeyRing, type KeySources } from './auth/index.ts';
import {
  type DocumentLimits,
  documentLimitVariables,
  toDocumentLimits,
} from './documentLimitSettings.ts';
import { findPasswordProblem } from './user/password.ts';
import { foldUsername, usernameRule } from './user/username.ts';
import { isWellKnownSecret } from './wellKnownSecrets.ts';
import { largestInt, wholeNumber } from './wholeNumber.ts';

/** The server's settings. Times are in seconds. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Null means the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly jwt: {
    /** Null outside production only: the server then makes one and keeps it in `dataDir`. */
    readonly secretKey: string | null;
    readonly previousSecretKey: string | null;
    readonly privateKey: string | null;
    readonly previousPrivateKey: string | null;
    readonly accessTokenExpires: number;
    readonly refreshTokenExpires: number;
    readonly refreshIdleExpires: number;
    readonly freshExpires: number;
    readonly issuer: string;
    readonly audience: string;
    readonly leeway: number;
  };
  readonly passwordMinLength: number;
  readonly admin: { readonly username: string; readonly password: string } | null;
  readonly registrationOpen: boolean;
  readonly rateLimits: {
    readonly account: number;
    readonly signIn: number;
    readonly register: number;
  };
  readonly documentLimits: DocumentLimits;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: readonly string[];
  readonly logLevel: string;
  readonly graphiql: boolean;
  readonly introspection: boolean;
}

/** Everything that is wrong with an environment, a sentence each, naming the variable and never its value. */
export class ConfigError extends TypeError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment does not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, `must be ${values.join(' or ')}`);
}

const text = z.string().min(1, 'is set but empty');
const seconds = wholeNumber(1, largestInt);
const count = wholeNumber(0, largestInt);
const flag = oneOf('true', 'false').transform((value) => value === 'true');
const list = text.transform((value) => value.split(',').map((part) => part.trim()));
const secret = text.refine(
  (value) => Buffer.byteLength(value) >= 32,
  'must have at least 32 bytes: make one with `openssl rand -base64 48`',
);

const environment = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: text.default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  DATABASE_URL: text
    .refine(isPostgresUrl, 'must be a URL that begins with postgres://')
    .nullable()
    .default(null),
  DATA_DIR: text.default('./data'),
  JWT_SECRET_KEY: secret.nullable().default(null),
  JWT_SECRET_KEY_PREVIOUS: secret.nullable().default(null),
  JWT_PRIVATE_KEY: text.nullable().default(null),
  JWT_PRIVATE_KEY_PREVIOUS: text.nullable().default(null),
  JWT_ACCESS_TOKEN_EXPIRES: seconds.default(900),
  JWT_REFRESH_TOKEN_EXPIRES: seconds.default(2_592_000),
  JWT_REFRESH_IDLE_EXPIRES: seconds.default(1_209_600),
  JWT_FRESH_EXPIRES: seconds.default(300),
  JWT_ISSUER: text.default('sallyport'),
  JWT_AUDIENCE: text.default('sallyport'),
  JWT_LEEWAY: wholeNumber(0, 300).default(10),
  JWT_TOKEN_LOCATION: oneOf('headers', 'headers,cookies')
    .refine((value) => value === 'headers', 'cannot be headers,cookies yet: only headers')
    .default('headers'),
  PASSWORD_MIN_LENGTH: wholeNumber(8, 256).default(15),
  ADMIN_USERNAME: text.nullable().default(null),
  ADMIN_PASSWORD: text.nullable().default(null),
  REGISTRATION: oneOf('open', 'closed').default('open'),
  RATE_LIMIT_ACCOUNT: count.default(5),
  RATE_LIMIT_SIGN_IN: count.default(30),
  RATE_LIMIT_REGISTER: count.default(20),
  ...documentLimitVariables,
  CORS_ORIGINS: list
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins such as https://app.example.com, with commas between them, or *',
    )
    .default([]),
  TRUST_PROXY: list
    .refine(
      (networks) => networks.every(isNetwork),
      'must be IP addresses or CIDR ranges, with commas between them',
    )
    .default([]),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  GRAPHIQL: flag.nullable().default(null),
  INTROSPECTION: flag.nullable().default(null),
});

type Environment = z.infer<typeof environment>;

/**
 * Reads the whole environment once.
 *
 * @throws ConfigError with all problems at once
 */
export function loadConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const unknown = Object.keys(variables).filter(
    (name) => name.startsWith('JWT_') && !(name in environment.shape),
  );
  const problems = unknown.map((name) => `${name} is not a setting of this server.`);
  const parsed = environment.safeParse(variables);
  const issues = parsed.error?.issues ?? [];
  problems.push(...issues.map(({ path, message }) => `${path.join('.')} ${message}.`));
  const faulty = new Set(issues.map(({ path }) => String(path[0])));
  const rest = Object.entries(variables).filter(([name]) => !faulty.has(name));
  // What has a problem of its own is not also called missing.
  const namesFaulty = (problem: string) => problem.split(/\W+/).some((word) => faulty.has(word));
  problems.push(
    ...combinationProblems(environment.parse(Object.fromEntries(rest))).filter(
      (problem) => !namesFaulty(problem),
    ),
  );
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data);
}

/** What only several variables together can be wrong about. */
function combinationProblems(env: Environment): string[] {
  const production = isProduction(env);
  const checks: [boolean, string][] = [
    [
      production && env.JWT_SECRET_KEY === null,
      'JWT_SECRET_KEY must be set in production: make one with `openssl rand -base64 48`.',
    ],
    ...(['JWT_SECRET_KEY', 'JWT_SECRET_KEY_PREVIOUS'] as const).map((name): [boolean, string] => [
      production && isWellKnownSecret(env[name] ?? 'unset'),
      `${name} is a well-known value: make one with \`openssl rand -base64 48\`.`,
    ]),
    [
      env.JWT_SECRET_KEY !== null && env.JWT_SECRET_KEY === env.JWT_SECRET_KEY_PREVIOUS,
      'JWT_SECRET_KEY_PREVIOUS is the same as JWT_SECRET_KEY.',
    ],
    [
      env.JWT_SECRET_KEY === null && env.JWT_SECRET_KEY_PREVIOUS !== null,
      'JWT_SECRET_KEY_PREVIOUS needs JWT_SECRET_KEY.',
    ],
    [
      (env.ADMIN_USERNAME === null) !== (env.ADMIN_PASSWORD === null),
      'ADMIN_USERNAME and ADMIN_PASSWORD must be set together.',
    ],
    [production && env.RATE_LIMIT_ACCOUNT === 0, 'RATE_LIMIT_ACCOUNT cannot be 0 in production.'],
    [
      env.CORS_ORIGINS.includes('*') && env.CORS_ORIGINS.length > 1,
      'CORS_ORIGINS must be * alone, or a list of origins.',
    ],
  ];
  return [
    ...checks.filter(([wrong]) => wrong).map(([, problem]) => problem),
    ...privateKeyProblems(env),
    ...adminProblems(env),
  ];
}

function privateKeyProblems(env: Environment): string[] {
  const secret = 'x'.repeat(32);
  const { JWT_PRIVATE_KEY: privateKey, JWT_PRIVATE_KEY_PREVIOUS: previousPrivateKey } = env;
  return [
    ...keyProblems('JWT_PRIVATE_KEY', { secret, privateKey }),
    ...keyProblems('JWT_PRIVATE_KEY_PREVIOUS', { secret, previousPrivateKey }),
  ];
}

function keyProblems(name: string, sources: KeySources): string[] {
  try {
    createKeyRing(sources);
    return [];
  } catch (error) {
    return [`${name} does not fit. ${(error as TypeError).message}`];
  }
}

function adminProblems(env: Environment): string[] {
  const { ADMIN_USERNAME: name, ADMIN_PASSWORD: password } = env;
  if (name === null || password === null) return [];
  const username = foldUsername(name);
  const passwordProblem = findPasswordProblem(password, {
    minLength: env.PASSWORD_MIN_LENGTH,
    username: username ?? '',
  });
  return [
    ...(username === null ? [`ADMIN_USERNAME does not fit. ${usernameRule}`] : []),
    ...(passwordProblem === null ? [] : [`ADMIN_PASSWORD does not fit. ${passwordProblem}`]),
  ];
}

function toConfig(env: Environment): Config {
  const production = isProduction(env);
  return {
    production,
    host: env.HOST,
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    jwt: {
      secretKey: env.JWT_SECRET_KEY,
      previousSecretKey: env.JWT_SECRET_KEY_PREVIOUS,
      privateKey: env.JWT_PRIVATE_KEY,
      previousPrivateKey: env.JWT_PRIVATE_KEY_PREVIOUS,
      accessTokenExpires: env.JWT_ACCESS_TOKEN_EXPIRES,
      refreshTokenExpires: env.JWT_REFRESH_TOKEN_EXPIRES,
      refreshIdleExpires: env.JWT_REFRESH_IDLE_EXPIRES,
      freshExpires: env.JWT_FRESH_EXPIRES,
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE,
      leeway: env.JWT_LEEWAY,
    },
    passwordMinLength: env.PASSWORD_MIN_LENGTH,
    admin:
      env.ADMIN_USERNAME !== null && env.ADMIN_PASSWORD !== null
        ? { username: env.ADMIN_USERNAME, password: env.ADMIN_PASSWORD }
        : null,
    registrationOpen: env.REGISTRATION === 'open',
    rateLimits: {
      account: env.RATE_LIMIT_ACCOUNT,
      signIn: env.RATE_LIMIT_SIGN_IN,
      register: env.RATE_LIMIT_REGISTER,
    },
    documentLimits: toDocumentLimits(env),
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: env.TRUST_PROXY,
    logLevel: env.LOG_LEVEL,
    graphiql: env.GRAPHIQL ?? !production,
    introspection: env.INTROSPECTION ?? !production,
  };
}

function isProduction({ NODE_ENV }: Pick<Environment, 'NODE_ENV'>): boolean {
  return NODE_ENV.toLowerCase() === 'production';
}

function isPostgresUrl(value: string): boolean {
  return URL.canParse(value) && /^postgres(?:ql)?:$/.test(new URL(value).protocol);
}

function isOrigin(value: string): boolean {
  if (value === '*') return true;
  return !value.includes('*') && URL.canParse(value) && new URL(value).origin === value;
}

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  // A zone such as %eth0 has no meaning in a header, and "everyone" (/0) is no proxy.
  if (bits === undefined || address.includes('%') || rest.length > 0) return false;
  const length = Number(prefix ?? bits);
  return /^\d{1,3}$/.test(prefix ?? '1') && length > 0 && length <= bits;
}
