/** Makes the folder of a Postgres cluster, once, and checks one that exists. */
import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError, systemCodeOf } from './errors.ts';
import { giveOwnership, type RunIdentity } from './identity.ts';
import { runProgram } from './run-program.ts';

export const DATABASE_NAME = 'trunkline';
export const DATABASE_USER = 'trunkline';

export type ClusterPaths = { cluster: string; passwordFile: string; logFile: string; ownerFile: string };

export const clusterPaths = (dataDirectory: string): ClusterPaths => ({
  cluster: join(dataDirectory, 'postgres'),
  passwordFile: join(dataDirectory, 'postgres.password'),
  logFile: join(dataDirectory, 'postgres.log'),
  ownerFile: join(dataDirectory, 'postgres.owner'),
});

/** Create the data folder when it is missing; throws `dataFolder` when nothing can be written there. */
export const requireWritable = async (dataDirectory: string): Promise<void> => {
  try {
    await mkdir(dataDirectory, { recursive: true });
    await access(dataDirectory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = systemCodeOf(cause);
    throw new EmbeddedPostgresError(
      'dataFolder',
      `The data folder ${dataDirectory} is not writable (${code}): give this user write access to it, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
};

/** True when there is a cluster of this version; throws when there is one of another, or something unreadable. */
export const hasCluster = async (paths: ClusterPaths, major: string): Promise<boolean> => {
  let found: string;
  try {
    found = (await readFile(join(paths.cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === 'ENOENT') return false;
    throw new EmbeddedPostgresError(
      'dataFolder',
      `The data folder ${paths.cluster} is not readable (${code}): it belongs to another user; start as that user, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
  if (found === major) return true;
  throw new EmbeddedPostgresError(
    'otherVersion',
    `The data folder ${paths.cluster} was made by Postgres ${found} and cannot be used by the embedded Postgres ${major}: set DATA_DIR to another folder, or DATABASE_URL to a Postgres ${found}.`,
  );
};

/** The password of the cluster; throws when it is missing or cannot be read. */
export const readPassword = async ({ cluster, passwordFile }: ClusterPaths): Promise<string> => {
  try {
    return (await readFile(passwordFile, 'utf8')).trim();
  } catch (cause) {
    const code = systemCodeOf(cause);
    throw new EmbeddedPostgresError(
      'dataFolder',
      `The password file ${passwordFile} of the database in ${cluster} cannot be read (${code}): put it back, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
};

export type ClusterOptions = { binaries: PostgresBinaries; identity: RunIdentity; durable: boolean };

type Program = { command: readonly string[]; input?: string; step: string };

const run = async ({ command, input, step }: Program): Promise<void> => {
  const { exitCode, output } = await runProgram(command, input);
  if (exitCode === 0) return;
  const reason = output.trim().split('\n').at(-1) ?? '';
  throw new EmbeddedPostgresError('startFailed', `The embedded Postgres could not be set up (${step}): ${reason}.`);
};

/**
 * initdb with a random password, UTF-8 and byte order, then our database. Works in a folder beside the final one,
 * which it replaces last: a set-up that was interrupted leaves nothing that looks finished.
 */
export const createCluster = async (paths: ClusterPaths, options: ClusterOptions): Promise<void> => {
  const { binaries, identity, durable } = options;
  const draft = `${paths.cluster}.new`;
  const passwordCopy = `${paths.cluster}.pwfile`;
  const password = randomBytes(24).toString('base64url');
  await rm(draft, { recursive: true, force: true });
  await rm(passwordCopy, { force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordCopy, `${password}\n`, { mode: 0o600 });
  await writeFile(`${paths.passwordFile}.new`, `${password}\n`, { mode: 0o600 });
  if (identity.ownerUid !== null) {
    await giveOwnership(draft, identity.ownerUid);
    await giveOwnership(passwordCopy, identity.ownerUid);
  }
  try {
    const account = [`--username=${DATABASE_USER}`, '--auth=scram-sha-256', `--pwfile=${passwordCopy}`];
    const text = ['--encoding=UTF8', '--no-locale', '--set=timezone=UTC', '--set=log_timezone=UTC'];
    const sync = durable ? [] : ['--no-sync'];
    await run({
      step: 'initdb',
      command: [...identity.prefix, binaries.initdb, `--pgdata=${draft}`, ...account, ...text, ...sync],
    });
    await run({
      step: 'create database',
      command: [...identity.prefix, binaries.postgres, '--single', '-D', draft, 'postgres'],
      input: `CREATE DATABASE ${DATABASE_NAME}\n`,
    });
  } finally {
    await rm(passwordCopy, { force: true });
  }
  await rename(`${paths.passwordFile}.new`, paths.passwordFile);
  await rm(paths.cluster, { recursive: true, force: true });
  await rename(draft, paths.cluster);
};
