#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In a checkout the sources, so that there is nothing to build; in an installed package what they were compiled to.
const source = new URL('../src/main.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else {
  await import(new URL('../dist/main.js', import.meta.url).href);
}
