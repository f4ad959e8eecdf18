import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineServer, type Feature, type ServerDefinition } from './defineServer.ts';

const compiled = join('dist', 'sallyport.config.js');
const names = ['sallyport.config.ts', 'sallyport.config.js', compiled];

/**
 * Loads the definition of the server from a folder: the default export of `sallyport.config.ts`, `sallyport.config.js`
 * or what the first was compiled to, `dist/sallyport.config.js`. A file in TypeScript needs a Node that reads it (22.18
 * or newer), or tsx in the project; without either, the compiled one is taken. Its paths are relative to its project,
 * the folder with the `package.json`. With none of them, it is the server as it comes. `given` names a file instead.
 *
 * @throws an error with a message for the operator
 */
export async function loadDefinition(
  directory: string,
  given: string | null = null,
): Promise<ServerDefinition> {
  const file = given === null ? findDefinition(directory) : resolve(directory, given);
  if (file === null) return defineServer();
  const name = relative(directory, file);
  if (!existsSync(file)) throw new Error(`There is no ${name}.`);
  if (!file.endsWith('.ts') || (await readsTypeScript())) return await importDefinition(file, name);
  if (given === null && existsSync(join(directory, compiled))) {
    return await importDefinition(join(directory, compiled), compiled);
  }
  throw new Error(
    `${name} is written in TypeScript, which Node ${process.versions.node} does not read. Install tsx in the project, ` +
      `run Node 22.18 or newer, or compile it to ${compiled}.`,
  );
}

function findDefinition(directory: string): string | null {
  return names.map((name) => join(directory, name)).find(existsSync) ?? null;
}

async function importDefinition(file: string, name: string): Promise<ServerDefinition> {
  let module: { default?: ServerDefinition };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Error(`${name} cannot be loaded.`, { cause: error });
  }
  if (!module.default) {
    throw new Error(
      `${name} has no default export. It must be: export default defineServer({ … })`,
    );
  }
  const { claims, userOfIssuer, onRefusal, messages, migrations, ...options } = module.default;
  // It may come from JavaScript, or be no definition at all.
  const definition = defineServer({
    ...options,
    ...(claims && { claims }),
    ...(userOfIssuer && { userOfIssuer }),
    ...(onRefusal && { onRefusal }),
    ...(messages && { messages }),
    ...(migrations && { migrations }),
  });
  const absolute = (path: string | URL) =>
    typeof path === 'string' ? resolve(projectOf(dirname(file)), path) : path;
  return {
    ...definition,
    features: definition.features.map(
      (feature): Feature => ({ ...feature, schema: [feature.schema].flat().map(absolute) }),
    ),
    migrations: definition.migrations === null ? null : absolute(definition.migrations),
  };
}

function projectOf(directory: string): string {
  const parent = dirname(directory);
  return existsSync(join(directory, 'package.json')) || parent === directory
    ? directory
    : projectOf(parent);
}

// Node itself reads TypeScript since 22.18. tsx is the project's, where it has it.
async function readsTypeScript(): Promise<boolean> {
  const { typescript } = process.features as { typescript?: string | false };
  if (typescript) return true;
  try {
    const { register } = await import('tsx/esm/api');
    register();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return false;
    throw error;
  }
}
