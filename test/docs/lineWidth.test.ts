import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/checkout.ts';

const folders = ['bench', 'bin', 'codegen', 'drizzle', 'packages', 'schema', 'src', 'test'];
const notWritten = /node_modules|\bdist\b|generated|access-map|drizzle\/(meta|.*\.sql)/;

// The formatter wraps code at 100 columns, and leaves comments and descriptions as they are. `npm run check` looks at
// the pages.
test.each(folders)('%s has no line of a comment or description beyond 120 columns', (folder) => {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => /\.(?:ts|js|graphql|ya?ml)$/.test(name) && !notWritten.test(name));
  const tooLong = files.flatMap((name) =>
    readFileSync(join(root, name), 'utf8')
      .split('\n')
      .filter((line) => line.length > 120)
      .filter((line) => name.endsWith('.graphql') || /^\s*(?:\/\/|\/?\*|#)/.test(line))
      .map((line) => `${name}: ${line}`),
  );
  expect(tooLong).toEqual([]);
});
