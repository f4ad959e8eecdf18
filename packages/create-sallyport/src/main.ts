#!/usr/bin/env node
import { Command } from 'commander';
import { createProject } from './createProject.ts';

const program = new Command('create-sallyport')
  .description('Make a GraphQL API server of your own on Sallyport.')
  .argument('<folder>', 'where to make it: a new or an empty folder, whose name the project gets')
  .action(async (folder: string) => {
    await createProject(folder);
    console.log(`Made ${folder}. Next:\n\n  cd ${folder} && npm install && npm start\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
