import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const limitBytes = 4096;

async function sizesOf(storage: string): Promise<{ gzip: number; brotli: number }> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createSession, ${storage}, reasonOf } from './index.ts';`,
      resolveDir: fileURLToPath(new URL('../src', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const [brotli, gzip] = [brotliCompressSync(code).length, gzipSync(code, { level: 9 }).length];
  process.stdout.write(
    `@sallyport/client with ${storage}: ${code.length} bytes, ${gzip} by gzip, ${brotli} by brotli\n`,
  );
  return { gzip, brotli };
}

test('the code of the client that a page loads is below 4 KB with gzip', async () => {
  const { gzip, brotli } = await sizesOf('localStorageStorage');
  expect(brotli).toBeGreaterThan(1000);
  expect(gzip).toBeLessThan(limitBytes);
});

test('the code of the client that a page with cookies loads is below 4 KB with brotli', async () => {
  const { brotli } = await sizesOf('cookieStorage');
  expect(brotli).toBeGreaterThan(1000);
  expect(brotli).toBeLessThan(limitBytes);
});

test('the client imports no package', async () => {
  const { metafile } = await build({
    entryPoints: ['index', 'apollo'].map((name) =>
      fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url)),
    ),
    bundle: true,
    packages: 'external',
    metafile: true,
    write: false,
    outdir: 'dist',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(imports).toEqual([]);
});
