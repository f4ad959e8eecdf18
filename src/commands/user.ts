import { Command } from 'commander';
import type { Scene } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';

/** What a command of the operator works on. It has no client: nobody signed in. */
export interface Operator {
  readonly scene: Scene;
  readonly config: Config;
  /** Reads a password without showing it; never from the arguments, which other users of the machine can read. */
  readonly readPassword: () => Promise<string>;
  readonly print: (line: string) => void;
}

type Accounts = typeof import('./accounts.ts');

/** `user …`: what an operator does to accounts without signing in. `withOperator` opens the database and closes it. */
export function userCommand(
  withOperator: (act: (operator: Operator) => Promise<void>) => Promise<void>,
) {
  // Loaded when one of them runs: the help needs none of it.
  const act = async (run: (accounts: Accounts, operator: Operator) => Promise<void>) => {
    const accounts = await import('./accounts.ts');
    await withOperator((operator) => run(accounts, operator));
  };
  const command = new Command('user').description('Manage accounts.');

  command
    .command('create <username>')
    .description('Make an account. Asks for the password, or reads it from standard input.')
    .option('--admin', 'make it an administrator')
    .option('--full-name <name>', 'the name to show to people')
    .action((name: string, options: { admin?: boolean; fullName?: string }) =>
      act((accounts, operator) => accounts.create(operator, name, options)),
    );

  command
    .command('password <username>')
    .description(
      'Set a new password, end all sessions and revoke all API tokens. Asks for it, or reads standard input.',
    )
    .action((name: string) => act((accounts, operator) => accounts.changePassword(operator, name)));

  command
    .command('admin <username>')
    .description('Make a user an administrator.')
    .option('--off', 'make them one no longer')
    .action((name: string, { off = false }) =>
      act((accounts, operator) => accounts.setAdmin(operator, name, !off)),
    );

  command
    .command('disable <username>')
    .description('Disable an account and end its sessions.')
    .option('--off', 'enable it again')
    .action((name: string, { off = false }) =>
      act((accounts, operator) => accounts.setActive(operator, name, off)),
    );

  command
    .command('sessions <username>')
    .description('List the sessions of a user.')
    .option('--end', 'end them, and revoke the API tokens')
    .action((name: string, options: { end?: boolean }) =>
      act((accounts, operator) => accounts.showSessions(operator, name, options)),
    );

  return command;
}
