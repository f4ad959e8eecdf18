import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { LoadDefinition } from './service.ts';

/**
 * `schema`: the SDL of the API in one piece, with its directives and the descriptions that introspection shows, for
 * editors, front ends and their generators.
 */
export function schemaCommand(print: (text: string) => void, load: LoadDefinition): Command {
  return new Command('schema')
    .description('Print the SDL of the API, for editors and front ends.')
    .option('--output <file>', 'write it to a file')
    .action(async ({ output }: { output?: string }) => {
      const { service } = await import('./service.ts');
      const { printSchemaWithDirectives } = await import('@graphql-tools/utils');
      const sdl = printSchemaWithDirectives((await service(load)).schema);
      if (output === undefined) print(sdl);
      else await writeFile(output, `${sdl}\n`);
    });
}
