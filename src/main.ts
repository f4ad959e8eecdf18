#!/usr/bin/env node
import { Command } from 'commander';
import { accessCommand, explainCommand } from './commands/access.ts';
import { schemaCommand } from './commands/schema.ts';
import { type Operator, userCommand } from './commands/user.ts';

// What a command needs it loads when it runs: the help is printed at once, and `schema` loads no database.
const program = new Command('sallyport').description(
  'A GraphQL API server whose security you read in its schema. Settings come from the environment.',
);
program.option('--config <file>', 'the definition of the server, if it is not sallyport.config.ts');
program
  .command('serve', { isDefault: true })
  .description('Serve the API.')
  .action(async () => (await import('./serve.ts')).serve(definition));
program
  .command('migrate')
  .description('Bring the tables of the database up to date. `serve` does that too.')
  .action(() => withOperator(async ({ print }) => print('The tables are up to date.')));
program.addCommand(userCommand(withOperator));
program.addCommand(accessCommand(console.log, definition));
program.addCommand(explainCommand(console.log, definition));
program.addCommand(schemaCommand(console.log, definition));

try {
  await program.parseAsync();
} catch (error) {
  console.error(await explain(error));
  process.exit(1);
}

async function definition() {
  const { loadDefinition } = await import('./loadDefinition.ts');
  return await loadDefinition(process.cwd(), program.opts<{ config?: string }>().config ?? null);
}

async function withOperator(act: (operator: Operator) => Promise<void>): Promise<void> {
  const { operate } = await import('./commands/operate.ts');
  await operate(act, definition, console.log);
}

async function explain(error: unknown): Promise<string> {
  const [{ ConfigError }, { describeError }] = await Promise.all([
    import('./config/config.ts'),
    import('./errors.ts'),
  ]);
  if (error instanceof ConfigError) return error.message;
  const { message, cause } = describeError(error);
  const reasons = [message, cause?.message].filter((reason) => reason !== undefined);
  return ['Sallyport cannot go on.', ...reasons].join(' ');
}
