import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An issuer on the loopback that does what a test says, also what none should. */
export interface TestIssuer {
  /** As in `iss`. */
  readonly url: string;
  /** What it was asked for, in this order. */
  readonly asked: string[];
  /** The keys that it publishes. */
  keys: TestKey[];
  /** Answers in its place. */
  answer: RequestListener | null;
  /** The times of its tokens are counted from here. */
  now: Date;
  sign(
    claims?: JWTPayload,
    header?: Partial<JWTHeaderParameters>,
    key?: TestKey | undefined,
  ): Promise<string>;
  close(): Promise<void>;
}

export const audience = 'https://api.example.com';
export const configuration = '/.well-known/openid-configuration';

export async function startIssuer({ path = '' } = {}): Promise<TestIssuer> {
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? '');
    if (issuer.answer) return issuer.answer(request, response);
    const { url, keys } = issuer;
    const answers: Record<string, unknown> = {
      [`${path.replace(/\/$/, '')}${configuration}`]: { issuer: url, jwks_uri: `${origin}/keys` },
      '/keys': { keys: keys.map(({ jwk }) => jwk) },
    };
    const answer = answers[request.url ?? ''];
    return response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? null));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = {
    url: `${origin}${path}`,
    asked: [],
    keys: [await makeKey('first')],
    answer: null,
    now: new Date(),
    async sign(claims = {}, header = {}, key = issuer.keys[0]) {
      if (!key) throw new TypeError('The issuer has no key.');
      const seconds = Math.floor(issuer.now.getTime() / 1000);
      const usual = {
        iss: issuer.url,
        aud: audience,
        sub: 'ada',
        iat: seconds,
        exp: seconds + 300,
      };
      return await new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}
