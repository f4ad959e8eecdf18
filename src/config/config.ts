import { createKeyRing, type KeySources } from '@sallyport/guards';
import { findPasswordProblem, type PasswordRules } from '../input/passwordProblem.ts';
import { foldUsername, usernameRule } from '../input/username.ts';
import { type CookieSettings, cookieProblems, toCookieSettings } from './cookieSettings.ts';
import { type DocumentLimits, toDocumentLimits } from './documentLimitSettings.ts';
import { type Environment, environment } from './environment.ts';
import { readSecretFiles } from './secretFiles.ts';
import { findSecretProblem } from './secretProblem.ts';
import { issuerProblems, type TrustedIssuerSettings } from './trustedIssuers.ts';

/** The server's settings. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Null means the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  /** How many connections to Postgres a node has at most. */
  readonly databasePoolSize: number;
  readonly dataDir: string;
  readonly jwt: {
    /** Null outside production only: the server then makes one and keeps it in `dataDir`. */
    readonly secretKey: string | null;
    readonly previousSecretKey: string | null;
    readonly privateKey: string | null;
    readonly previousPrivateKey: string | null;
    /** Verify already, never sign: to be known on every node before any signs with them. */
    readonly nextSecretKey: string | null;
    readonly nextPrivateKey: string | null;
    readonly accessTokenExpiresInSeconds: number;
    readonly refreshTokenExpiresInSeconds: number;
    readonly refreshIdleExpiresInSeconds: number;
    readonly freshExpiresInSeconds: number;
    readonly issuer: string;
    readonly audience: string;
    readonly leewaySeconds: number;
    /** Null where tokens travel in headers alone. */
    readonly cookies: CookieSettings | null;
  };
  /** The issuers whose tokens are taken besides our own. */
  readonly trustedIssuers: readonly TrustedIssuerSettings[];
  /** What a new password is judged by, besides the names of its user. */
  readonly passwords: Pick<PasswordRules, 'minimumLength' | 'issuer' | 'blocklistFile'>;
  readonly admin: { readonly username: string; readonly password: string } | null;
  readonly registrationOpen: boolean;
  readonly rateLimits: {
    readonly account: number;
    readonly signIn: number;
    readonly register: number;
  };
  readonly auditRetentionDays: number;
  readonly documentLimits: DocumentLimits;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: readonly string[];
  readonly logLevel: string;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** What is allowed and dangerous, a sentence each: to be said where nobody misses it. */
  readonly warnings: readonly string[];
}

const daySeconds = 24 * 60 * 60;

/** Everything that is wrong with an environment, a sentence each, naming the variable and never its value. */
export class ConfigError extends TypeError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment does not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads the whole environment, with the files that hold secrets.
 *
 * @throws ConfigError with all problems at once
 */
export function loadConfig(given: Readonly<Record<string, string | undefined>>): Config {
  const { variables, problems, unreadable } = readSecretFiles(given);
  const unknown = Object.keys(variables).filter(
    (name) => name.startsWith('JWT_') && !(name in environment.shape),
  );
  problems.unshift(...unknown.map((name) => `${name} is not a setting of this server.`));
  const parsed = environment.safeParse(variables);
  const issues = parsed.error?.issues ?? [];
  problems.push(...issues.map(({ path, message }) => `${path.join('.')} ${message}.`));
  const faulty = new Set([...unreadable, ...issues.map(({ path }) => String(path[0]))]);
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
    ...cookieProblems(env, { production }),
    ...issuerProblems(env),
    ...secretKeyProblems(env),
    ...privateKeyProblems(env),
    ...adminProblems(env),
  ];
}

function secretKeyProblems(env: Environment): string[] {
  const others = ['JWT_SECRET_KEY_PREVIOUS', 'JWT_SECRET_KEY_NEXT'] as const;
  const advice = 'make one with `openssl rand -base64 48`.';
  return [
    ...(['JWT_SECRET_KEY', ...others] as const).flatMap((name) => {
      const value = env[name];
      if (value === null || !isProduction(env)) return [];
      const problem = findSecretProblem(value, { adminPassword: env.ADMIN_PASSWORD });
      return problem === null ? [] : `${name} ${problem}: ${advice}`;
    }),
    ...others.flatMap((name) => {
      if (env[name] === null) return [];
      if (env.JWT_SECRET_KEY === null) return `${name} needs JWT_SECRET_KEY.`;
      return env[name] === env.JWT_SECRET_KEY ? `${name} is the same as JWT_SECRET_KEY.` : [];
    }),
  ];
}

function privateKeyProblems(env: Environment): string[] {
  const secret = 'x'.repeat(32);
  return [
    ...keyProblems('JWT_PRIVATE_KEY', { secret, privateKey: env.JWT_PRIVATE_KEY }),
    ...keyProblems('JWT_PRIVATE_KEY_PREVIOUS', {
      secret,
      previousPrivateKey: env.JWT_PRIVATE_KEY_PREVIOUS,
    }),
    ...keyProblems('JWT_PRIVATE_KEY_NEXT', { secret, nextPrivateKey: env.JWT_PRIVATE_KEY_NEXT }),
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
  const rules = { ...passwordRules(env), username, fullName: null };
  const passwordProblem = findPasswordProblem(password, rules);
  return [
    ...(username === null ? [`ADMIN_USERNAME does not fit. ${usernameRule}`] : []),
    ...(passwordProblem === null ? [] : [`ADMIN_PASSWORD does not fit. ${passwordProblem}`]),
  ];
}

function passwordRules(env: Environment): Config['passwords'] {
  return {
    minimumLength: env.PASSWORD_MIN_LENGTH,
    issuer: env.JWT_ISSUER,
    blocklistFile: env.PASSWORD_BLOCKLIST_FILE,
  };
}

function toConfig(env: Environment): Config {
  const production = isProduction(env);
  return {
    production,
    host: env.HOST,
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    dataDir: env.DATA_DIR,
    jwt: {
      secretKey: env.JWT_SECRET_KEY,
      previousSecretKey: env.JWT_SECRET_KEY_PREVIOUS,
      privateKey: env.JWT_PRIVATE_KEY,
      previousPrivateKey: env.JWT_PRIVATE_KEY_PREVIOUS,
      nextSecretKey: env.JWT_SECRET_KEY_NEXT,
      nextPrivateKey: env.JWT_PRIVATE_KEY_NEXT,
      accessTokenExpiresInSeconds: env.JWT_ACCESS_TOKEN_EXPIRES,
      refreshTokenExpiresInSeconds: env.JWT_REFRESH_TOKEN_EXPIRES,
      refreshIdleExpiresInSeconds: env.JWT_REFRESH_IDLE_EXPIRES,
      freshExpiresInSeconds: env.JWT_FRESH_EXPIRES,
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE,
      leewaySeconds: env.JWT_LEEWAY,
      cookies: toCookieSettings(env),
    },
    trustedIssuers: env.TRUSTED_ISSUERS,
    passwords: passwordRules(env),
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
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
    documentLimits: toDocumentLimits(env),
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: env.TRUST_PROXY,
    logLevel: env.LOG_LEVEL,
    graphiql: env.GRAPHIQL ?? !production,
    introspection: env.INTROSPECTION ?? !production,
    warnings: findWarnings(env),
  };
}

function findWarnings(env: Environment): string[] {
  return env.JWT_ACCESS_TOKEN_EXPIRES > daySeconds
    ? [
        'JWT_ACCESS_TOKEN_EXPIRES is more than a day: whoever steals an access token has it for so long, unless its session ends.',
      ]
    : [];
}

function isProduction({ NODE_ENV }: Pick<Environment, 'NODE_ENV'>): boolean {
  return NODE_ENV === 'production';
}
