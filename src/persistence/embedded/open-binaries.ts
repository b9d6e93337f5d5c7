/** A copy of the Postgres programs where every user may reach them. */
import { cp, lchown, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './errors.ts';

const MAY_ENTER_OTHERS = 0o001;
const MAY_WRITE_OTHERS = 0o022;

/** initdb asks `access(2)`, which knows no capabilities: the modes alone decide. */
const isOpenToAll = async (path: string): Promise<boolean> => {
  const { mode } = await lstat(path);
  if ((mode & MAY_ENTER_OTHERS) === 0) return false;
  return dirname(path) === path || isOpenToAll(dirname(path));
};

const ownUid = (): number => process.getuid?.() ?? 0;

const isOwn = (path: string): Promise<boolean> =>
  lstat(path).then(
    ({ uid }) => uid === ownUid(),
    () => false,
  );

/** A copy whose programs others can change is removed. */
const requireOwnFolder = async (folder: string): Promise<boolean> => {
  const stats = await lstat(folder).catch(() => null);
  if (!stats) return false;
  // The name is known to everybody: what lies there is run with root's access.
  if (stats.isDirectory() && stats.uid === ownUid() && (stats.mode & MAY_WRITE_OTHERS) === 0) {
    if (await isOwn(join(folder, 'bin', 'postgres'))) return true;
    await rm(folder, { recursive: true });
    return false;
  }
  throw new EmbeddedPostgresError(
    'identity',
    `The folder ${folder}, meant for the Postgres programs, belongs to somebody else: remove it, or start as an ordinary user.`,
  );
};

/** `cp` keeps the owner, who could change the programs afterwards. */
const takeOver = async (folder: string): Promise<void> => {
  const { uid, gid } = await lstat(folder);
  for (const name of await readdir(folder, { recursive: true })) {
    await lchown(join(folder, name), uid, gid);
  }
};

const copyTo = async (source: string, folder: string): Promise<void> => {
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o755 });
  await cp(source, draft, { recursive: true, verbatimSymlinks: true });
  await takeOver(draft);
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    // Another start of ours may have been quicker.
    if (!(await requireOwnFolder(folder))) throw error;
  });
};

/** The programs themselves where all may reach them, else a copy in the temporary folder that only this user can change. */
export const openBinaries = async (
  binaries: PostgresBinaries,
  temporaryFolder: string = tmpdir(),
): Promise<PostgresBinaries> => {
  if (await isOpenToAll(binaries.postgres)) return binaries;
  const folder = join(temporaryFolder, `trunkline-postgres-${binaries.version}`);
  if (!(await requireOwnFolder(folder))) await copyTo(binaries.root, folder);
  const program = (path: string) => join(folder, 'bin', basename(path));
  return {
    ...binaries,
    root: folder,
    postgres: program(binaries.postgres),
    initdb: program(binaries.initdb),
    pgCtl: program(binaries.pgCtl),
  };
};
