import { defineServer } from 'sallyport';
import { itemFeature } from './src/item/resolvers.ts';

export default defineServer({
  features: [itemFeature],
  migrations: 'drizzle/own',
});
