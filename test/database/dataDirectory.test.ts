import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/database.ts';
import { onPostgres } from '../support/database.ts';
import { copyDataDir } from '../support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-directory-'));
afterAll(() => rmSync(directory, { recursive: true }));

const open = (dataDir: string) => openDatabase({ databaseUrl: null, dataDir }, () => {});

/** The paths, in a directory and it included, for which others than the owner have rights. */
function openToOthers(path: string): string[] {
  const status = statSync(path);
  const below = status.isDirectory() ? readdirSync(path) : [];
  return [
    ...((status.mode & 0o077) === 0 ? [] : [path]),
    ...below.flatMap((name) => openToOthers(join(path, name))),
  ];
}

describe.skipIf(onPostgres)('a DATA_DIR', () => {
  test.each([
    ['that does not exist', () => join(directory, 'new')],
    [
      'that exists, empty and open to all',
      () => {
        mkdirSync(join(directory, 'empty'));
        chmodSync(join(directory, 'empty'), 0o777);
        return join(directory, 'empty');
      },
    ],
    [
      'with a database that all may read',
      () => {
        const dataDir = copyDataDir(join(directory, 'old'));
        for (const path of [dataDir, join(dataDir, 'postgres')]) chmodSync(path, 0o755);
        for (const name of ['lock', 'jwt-secret-key']) {
          writeFileSync(join(dataDir, name), '', { mode: 0o644 });
        }
        return dataDir;
      },
    ],
  ])(
    '%s is readable by its owner alone while it is open, with all its files',
    async (_what, make) => {
      const dataDir = make();
      const { database, close } = await open(dataDir);
      expect(readdirSync(join(dataDir, 'postgres')).length).toBeGreaterThan(10);
      expect(openToOthers(dataDir)).toEqual([]);
      await database.execute(sql`create table grown as select generate_series(1, 10000) as number`);
      await database.execute(sql`checkpoint`);
      expect(openToOthers(dataDir)).toEqual([]);
      await close();
      expect(openToOthers(dataDir)).toEqual([]);
    },
  );

  test.each([
    ['that others may read and that holds other files', 0o755, 'photo.jpg'],
    ['that others may write and that is not empty', 0o770, 'jwt-secret-key'],
  ])('%s is refused with instructions, and left as it is', async (_what, mode, file) => {
    const dataDir = join(directory, `shared-${mode}`);
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, file), '');
    chmodSync(dataDir, mode);
    await expect(open(dataDir)).rejects.toThrow(
      `DATA_DIR ${dataDir} is open to other users of this machine. Run chmod 700 on it, or set DATA_DIR to ` +
        `${dataDir}/sallyport, which is then made for this server alone.`,
    );
    expect(readdirSync(dataDir)).toEqual([file]);
    expect(statSync(dataDir).mode & 0o777).toBe(mode);
  });
});
