import type { ServerDefinition } from '../defineServer.ts';
import { createGuards } from '../guards.ts';
import { createSchema } from '../schema.ts';

/** Loads the definition of the server on which a command works. */
export type LoadDefinition = () => Promise<ServerDefinition>;

/** The schema with its guards, for commands that look at it and serve nothing. */
export async function service(load: LoadDefinition) {
  const { features, guards: own } = await load();
  // What counts as fresh makes no difference to them.
  const guards = createGuards({ freshSeconds: 300 }, own);
  return { schema: createSchema(guards, features), guards };
}
