#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// What runs is dist/. In a checkout it is first brought up to date, which takes a fraction of a second when nothing has
// changed: what is there could be of other sources. An installed package has no such settings, and is what it is.
const settings = ['build', 'own'].map((name) =>
  fileURLToPath(new URL(`../tsconfig.${name}.json`, import.meta.url)),
);
if (settings.every(existsSync)) build();
await import(new URL('../dist/main.js', import.meta.url).href);

function build() {
  const compiler = findCompiler();
  if (compiler === null) {
    console.error('TypeScript is not installed here: what runs is dist/ as it was built last.');
    return;
  }
  // One after the other: the service is compiled against what the package was compiled to.
  for (const project of settings) {
    const { status, error } = spawnSync(process.execPath, [compiler, '--build', project], {
      stdio: ['ignore', 2, 2],
    });
    if (error) throw error;
    if (status !== 0) process.exit(status ?? 1);
  }
}

function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin/tsc');
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}
