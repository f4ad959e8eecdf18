import { defineServer } from 'sallyport';
import { noteFeature } from './src/note/resolvers.ts';

export default defineServer({
  features: [noteFeature],
  migrations: 'drizzle',
});
