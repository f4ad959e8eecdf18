import { z } from 'zod';
import { findLeakedPasswordsProblem } from '../input/leakedPasswords.ts';
import { cookieVariables } from './cookieSettings.ts';
import { databaseVariables } from './databaseSettings.ts';
import { documentLimitVariables } from './documentLimitSettings.ts';
import { issuerVariables } from './trustedIssuers.ts';
import { trustsEveryone } from './trustsEveryone.ts';
import { largestInt, wholeNumber } from './wholeNumber.ts';

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, `must be ${values.join(' or ')}`);
}

const text = z.string().min(1, 'is set but empty');
const seconds = wholeNumber(1, largestInt);
const count = wholeNumber(0, largestInt);
const flag = oneOf('true', 'false').transform((value) => value === 'true');
const list = text.transform((value) => value.split(',').map((part) => part.trim()));
// A file and a shell leave a line break at the end, which must not make another key.
const secret = text
  .transform((value) => value.replace(/\r?\n$/, ''))
  .refine(
    (value) => Buffer.byteLength(value) >= 32,
    'must have at least 32 bytes: make one with `openssl rand -base64 48`',
  );

/** Every variable by itself. What only several together can be wrong about, `loadConfig` says. */
export const environment = z.object({
  // What is nearly "production" must not run as something else.
  NODE_ENV: z
    .string()
    .transform((value) => value.toLowerCase())
    .pipe(oneOf('production', 'development', 'test'))
    .default('development'),
  HOST: text.default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  ...databaseVariables,
  JWT_SECRET_KEY: secret.nullable().default(null),
  JWT_SECRET_KEY_PREVIOUS: secret.nullable().default(null),
  JWT_SECRET_KEY_NEXT: secret.nullable().default(null),
  JWT_PRIVATE_KEY: text.nullable().default(null),
  JWT_PRIVATE_KEY_PREVIOUS: text.nullable().default(null),
  JWT_PRIVATE_KEY_NEXT: text.nullable().default(null),
  JWT_ACCESS_TOKEN_EXPIRES: seconds.default(900),
  JWT_REFRESH_TOKEN_EXPIRES: seconds.default(2_592_000),
  JWT_REFRESH_IDLE_EXPIRES: seconds.default(1_209_600),
  JWT_FRESH_EXPIRES: seconds.default(300),
  JWT_ISSUER: text.default('sallyport'),
  JWT_AUDIENCE: text.default('sallyport'),
  JWT_LEEWAY: wholeNumber(0, 300).default(10),
  ...issuerVariables,
  ...cookieVariables,
  PASSWORD_MIN_LENGTH: wholeNumber(8, 256).default(15),
  PASSWORD_BLOCKLIST_FILE: text
    .superRefine((path, context) => {
      const message = findLeakedPasswordsProblem(path);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .nullable()
    .default(null),
  ADMIN_USERNAME: text.nullable().default(null),
  ADMIN_PASSWORD: text.nullable().default(null),
  REGISTRATION: oneOf('open', 'closed').default('open'),
  RATE_LIMIT_ACCOUNT: count.default(5),
  RATE_LIMIT_SIGN_IN: count.default(30),
  RATE_LIMIT_REGISTER: count.default(20),
  AUDIT_RETENTION_DAYS: wholeNumber(1, 36_500).default(400),
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
    .refine(
      (networks) => !networks.every(isNetwork) || !trustsEveryone(networks),
      'trusts a sixteenth of all addresses or more: name those of your own proxies only',
    )
    .default([]),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  GRAPHIQL: flag.nullable().default(null),
  INTROSPECTION: flag.nullable().default(null),
});

export type Environment = z.infer<typeof environment>;

function isOrigin(value: string): boolean {
  if (value === '*') return true;
  return !value.includes('*') && URL.canParse(value) && new URL(value).origin === value;
}

const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

function isNetwork(value: string): boolean {
  // "Everyone" (/0) is no proxy.
  return network.safeParse(value).success && !value.endsWith('/0');
}
