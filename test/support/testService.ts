import { defineServer } from '../../src/defineServer.ts';
import { itemResolvers } from './items/resolvers.ts';

/**
 * The server that the suite works on: what every server has, and a feature of the suite's own. What the service of this
 * repository has besides may be changed, by whoever builds on it, without a test of the suite to change.
 */
export const testService = defineServer({
  features: [
    { schema: new URL('./items/items.graphql', import.meta.url), resolvers: itemResolvers },
  ],
});
