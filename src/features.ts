import { apiTokenResolvers } from './apiToken/resolvers.ts';
import { auditResolvers } from './audit/resolvers.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { itemResolvers } from './item/resolvers.ts';
import { sessionResolvers } from './session/resolvers.ts';
import { userResolvers } from './user/resolvers.ts';

/** Every feature of the API. A new one is one line here. */
export const features: Resolvers[] = [
  sessionResolvers,
  userResolvers,
  apiTokenResolvers,
  auditResolvers,
  itemResolvers,
];
