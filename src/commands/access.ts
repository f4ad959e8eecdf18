import { Argument, Command, Option } from 'commander';
import type { Question } from './explainFile.ts';
import type { LoadDefinition } from './service.ts';

type Print = (text: string) => void;

/** `access`: the access map, as the page that `npm run generate` writes, or as data. */
export function accessCommand(print: Print, load: LoadDefinition): Command {
  return new Command('access')
    .description('Show who can reach which field of the API.')
    .option('--json', 'as data')
    .action(async ({ json = false }) => {
      const { service } = await import('./service.ts');
      const engine = await import('@sallyport/guards');
      const { schema, guards } = await service(load);
      engine.assertGuarded(schema);
      const map = engine.mapAccess(schema, { guards });
      const unforeseen = engine.findUnforeseen(schema, { guards });
      print(json ? JSON.stringify(map, null, 2) : engine.printAccessMap(map, unforeseen));
    });
}

// Each kind of caller that the engine knows: without loading it, so that the help is printed at once.
const callerNames: Record<Question['as'], true> = {
  anonymous: true,
  user: true,
  fresh: true,
  admin: true,
  'fresh-admin': true,
};

/** `explain`: what an operation does for a kind of caller, and which directive on which type decides that. */
export function explainCommand(print: Print, load: LoadDefinition): Command {
  const as = new Option('--as <caller>', 'who sends it').choices(Object.keys(callerNames));
  const file = new Argument('<file>', 'the operation; - reads standard input');
  return new Command('explain')
    .description('Show what an operation may do, field by field, and which directive decides.')
    .addOption(as.makeOptionMandatory())
    .addArgument(file)
    .option('--operation <name>', 'which operation of the file, if it has several')
    .action(async (path: string, options: Pick<Question, 'as' | 'operation'>) => {
      const { explainFile } = await import('./explainFile.ts');
      print(await explainFile(load, { path, ...options }));
    });
}
