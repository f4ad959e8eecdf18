import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';

/** A real OpenID Connect provider on the loopback, with one client. */
export interface OpenIdProvider {
  readonly issuer: string;
  /** A token for the client itself. */
  readonly clientToken: (request?: TokenRequest) => Promise<string>;
  /** What somebody gets who signs in at the provider, in a browser: an access token and an ID token. */
  readonly signIn: (
    username: string,
    request?: TokenRequest,
  ) => Promise<{ readonly accessToken: string; readonly idToken: string }>;
  /** Signs with another key from now on, and publishes no other. */
  readonly changeKey: () => Promise<void>;
  readonly goDown: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface TokenRequest {
  readonly scope?: string;
  /** For which API; without one, the access token is opaque, as it is for nobody but the provider. */
  readonly resource?: string | null;
}

export const resource = 'https://api.example.com';
const redirectUri = 'https://app.example.com/callback';
const client = { id: 'web', secret: 'the secret of the web client' };

export async function startProvider(): Promise<OpenIdProvider> {
  let handler: ReturnType<Provider['callback']> | null = null;
  const server = createServer((request, response) =>
    handler ? handler(request, response) : void request.socket.destroy(),
  );
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const changeKey = async () => {
    handler = new Provider(issuer, await configuration()).callback();
  };
  await changeKey();
  const goDown = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  async function exchange(fields: Record<string, string>) {
    const credentials = [client.id, client.secret].map(encodeURIComponent).join(':');
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      body: new URLSearchParams(fields),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`No token: ${JSON.stringify(answer)}`);
    return answer;
  }

  return {
    issuer,
    changeKey,
    goDown,
    comeBack: () => listen(port),
    close: () => (server.listening ? goDown() : Promise.resolve()),
    async clientToken({ scope = '', resource: api = resource } = {}) {
      const grant = { grant_type: 'client_credentials', scope };
      return (await exchange({ ...grant, ...(api && { resource: api }) })).access_token;
    },
    async signIn(username, { scope = 'openid', resource: api = resource } = {}) {
      const code = await authorize(issuer, username, { scope, resource: api });
      const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
      const answer = await exchange({ ...grant, ...(api && { resource: api }) });
      return { accessToken: answer.access_token, idToken: answer.id_token };
    },
  };
}

/** Follows the redirects of the provider as a browser does, and fills in its form for signing in. */
async function authorize(
  issuer: string,
  username: string,
  { scope, resource: api }: TokenRequest,
): Promise<string> {
  const query = new URLSearchParams({
    ...{ client_id: client.id, response_type: 'code', redirect_uri: redirectUri },
    ...{ scope: scope ?? 'openid', nonce: randomBytes(8).toString('hex') },
    ...(api && { resource: api }),
  });
  const cookies = new Map<string, string>();
  let url = `${issuer}/auth?${query}`;
  let body: URLSearchParams | null = null;
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const method: string = body ? 'POST' : 'GET';
    const response: Response = await fetch(url, {
      method,
      body,
      headers: { cookie },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    const location: string | null = response.headers.get('location');
    if (location?.startsWith(redirectUri)) {
      const code = new URL(location).searchParams.get('code');
      if (code) return code;
      throw new Error(`Refused: ${location}`);
    }
    const page = location ? '' : await response.text();
    body = location
      ? null
      : new URLSearchParams({ prompt: 'login', login: username, password: 'x' });
    const [, action] = /<form[^>]* action="([^"]*)"/.exec(page) ?? [];
    if (!location && !action) throw new Error(`Neither a redirect nor a form: ${page}`);
    url = new URL(location ?? action ?? '', issuer).href;
  }
  throw new Error('The provider redirects without end.');
}

async function configuration(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key: JWK = await exportJWK(privateKey);
  return {
    jwks: {
      keys: [{ ...key, alg: 'RS256', use: 'sig', kid: randomBytes(8).toString('hex') }] as never,
    },
    cookies: { keys: ['a key for the cookies of a test'] },
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'client_credentials'],
      },
    ],
    pkce: { required: () => false },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    // Whoever has signed in is taken to agree to everything that the client asks for.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        accountId: oidc.session?.accountId ?? '',
        clientId: client.id,
      });
      grant.addOIDCScope('openid');
      grant.addResourceScope(resource, scopes);
      await grant.save();
      return grant;
    },
    // RFC 9068, section 2.2.1: when somebody signed in, which no client can say of itself.
    extraTokenClaims: ({ oidc }) => {
      const time = oidc.entities['AuthorizationCode']?.['authTime'];
      return time === undefined ? undefined : { auth_time: time };
    },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        getResourceServerInfo: (_ctx, audience) => ({
          scope: scopes,
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
        }),
        useGrantedResource: () => true,
      },
    },
  };
}

const scopes = 'items:read items:write audit:read';
