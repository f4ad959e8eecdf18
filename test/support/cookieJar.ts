import type { LightMyRequestResponse } from 'fastify';

/** A cookie that an answer sets. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** The rest, in the order in which it stands, without `Max-Age`. */
  readonly attributes: readonly string[];
  readonly maxAgeSeconds: number | null;
}

/** What an answer sets, by name. */
export function setCookies(answer: Pick<LightMyRequestResponse, 'headers'>): SetCookie[] {
  const lines = [answer.headers['set-cookie'] ?? []].flat();
  return lines.map((line) => {
    const [pair = '', ...parts] = line.split('; ');
    const [name = '', value = ''] = pair.split('=');
    const age = parts.find((part) => part.startsWith('Max-Age='));
    return {
      name,
      value: decodeURIComponent(value),
      attributes: parts.filter((part) => part !== age),
      maxAgeSeconds: age === undefined ? null : Number(age.slice('Max-Age='.length)),
    };
  });
}

/** The cookies that a browser sends back, as it writes them. */
export function cookieHeader(cookies: Readonly<Record<string, string>>): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
}
