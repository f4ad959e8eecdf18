import type { GraphQLError } from 'graphql';
import { toChallenge } from '../challenge.ts';
import { type MediaType, preferredMediaType } from './mediaType.ts';

/** How the refusal of an operation is said in HTTP. */
export interface RefusalInHttp {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const answered: MediaType = 'application/graphql-response+json';

/**
 * Says a refusal in the media type that the client prefers. Under `application/json` the status tells about the request
 * and not about the operation, so it is 200 (GraphQL over HTTP, section 6.4.1).
 */
export function refusalInHttp(
  errors: readonly GraphQLError[],
  { accept, realm }: { accept: string | null | undefined; realm: string },
): RefusalInHttp {
  const type = preferredMediaType(accept);
  const headers = type ? { 'Content-Type': `${type}; charset=utf-8` } : {};
  if (type !== answered) return { status: 200, headers };
  if (errors.every(({ extensions }) => extensions['code'] === 'BAD_USER_INPUT')) {
    return { status: 400, headers };
  }
  const { status, authenticate } = toChallenge(errors, realm);
  return { status, headers: { ...headers, 'WWW-Authenticate': authenticate } };
}

/** A `Vary` header with `Authorization` in it. */
export function varyByCaller(vary: unknown): string {
  const names = [vary ?? []]
    .flat()
    .flatMap((line) => String(line).split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  const isThere = names.some((name) => ['*', 'authorization'].includes(name.toLowerCase()));
  return [...names, ...(isThere ? [] : ['Authorization'])].join(', ');
}
