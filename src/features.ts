import { apiTokenResolvers } from './apiToken/resolvers.ts';
import { auditResolvers } from './audit/resolvers.ts';
import type { Feature } from './defineServer.ts';
import { sessionResolvers } from './session/resolvers.ts';
import { userResolvers } from './user/resolvers.ts';

/** What every server has: accounts. Features of one's own are named in `sallyport.config.ts`. */
export const features: readonly Feature[] = [
  { schema: [sdl('auth'), sdl('pagination')] },
  { schema: sdl('session'), resolvers: sessionResolvers },
  { schema: sdl('user'), resolvers: userResolvers },
  { schema: sdl('apiToken'), resolvers: apiTokenResolvers },
  { schema: sdl('audit'), resolvers: auditResolvers },
];

function sdl(name: string): URL {
  return new URL(`../schema/${name}.graphql`, import.meta.url);
}
