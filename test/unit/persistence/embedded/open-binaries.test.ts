import { chmod, lchown, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresBinaries } from '#persistence/embedded/binaries.ts';
import { openBinaries } from '#persistence/embedded/open-binaries.ts';

const SOMEBODY_ELSE = 12_345;
const me = process.getuid?.() ?? 0;

let base = '';
let binaries: PostgresBinaries;

beforeEach(async () => {
  // Made with mode 700, as a home folder may be.
  base = await mkdtemp(join(tmpdir(), 'trunkline-open-'));
  const root = join(base, 'native');
  await mkdir(join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'lib'));
  const program = (name: string) => join(root, 'bin', name);
  binaries = {
    root,
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    version: '1.2',
    major: '1',
  };
  for (const file of [binaries.postgres, binaries.initdb, binaries.pgCtl, join(root, 'lib', 'libpq.so.5.18')])
    await writeFile(file, file.slice(root.length));
  await symlink('libpq.so.5.18', join(root, 'lib', 'libpq.so.5'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const ownersIn = async (folder: string): Promise<number[]> => {
  const names = await readdir(folder, { recursive: true });
  return [...new Set(await Promise.all(names.map(async (name) => (await lstat(join(folder, name))).uid)))];
};

/** Only root can give files away; with anybody else they are our own from the start. */
const giveAway = async (...paths: string[]): Promise<void> => {
  if (me === 0) for (const path of paths) await lchown(path, SOMEBODY_ELSE, SOMEBODY_ELSE);
};

describe('the programs of Postgres for a foreign identity', () => {
  it('are copied whole, and the copy belongs to who starts it, whoever owns the originals', async () => {
    await giveAway(binaries.postgres, join(binaries.root, 'lib', 'libpq.so.5.18'));
    const opened = await openBinaries(binaries, base);
    expect(opened).toEqual({
      ...binaries,
      root: join(base, 'trunkline-postgres-1.2'),
      postgres: join(base, 'trunkline-postgres-1.2', 'bin', 'postgres'),
      initdb: join(base, 'trunkline-postgres-1.2', 'bin', 'initdb'),
      pgCtl: join(base, 'trunkline-postgres-1.2', 'bin', 'pg_ctl'),
    });
    expect(await readFile(join(opened.root, 'lib', 'libpq.so.5'), 'utf8')).toBe('/lib/libpq.so.5.18');
    expect(await ownersIn(opened.root)).toEqual([me]);
  });

  it('are copied again when somebody else could have changed the copy', async () => {
    const { postgres, root } = await openBinaries(binaries, base);
    await giveAway(postgres);
    await openBinaries(binaries, base);
    expect(await ownersIn(root)).toEqual([me]);
  });

  it('are not taken from a folder that others can write', async () => {
    const { root } = await openBinaries(binaries, base);
    await chmod(root, 0o777);
    await expect(openBinaries(binaries, base)).rejects.toMatchObject({
      code: 'identity',
      message: expect.stringContaining('belongs to somebody else'),
    });
  });
});
