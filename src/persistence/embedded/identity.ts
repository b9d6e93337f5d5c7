/**
 * Under which identity Postgres runs. It refuses to run as root, so root gets an unprivileged one that can still
 * reach programs and data, which may both lie under a home folder with mode 700.
 */
import { lchown, lstat, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { openBinaries } from './open-binaries.ts';
import { runProgram } from './run-program.ts';

export type RunIdentity = {
  description: string;
  /** Put in front of a program's own command line. */
  prefix: readonly string[];
  /** It goes by the modes of files alone, so the programs must lie where all may reach them. */
  isForeign: boolean;
  /** Uid that must own the files of the cluster, as this process sees it; null: leave as they are. */
  ownerUid: number | null;
};

const OWN_IDENTITY: RunIdentity = { description: 'own user', prefix: [], isForeign: false, ownerUid: null };

const uidOf = (user: string[] | undefined): number => Number(user?.[2] ?? 0);

/** initdb looks its user up, so the uid must be in the passwd file. */
const unprivilegedUid = async (): Promise<number> => {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const users = passwd.split('\n').map((line) => line.split(':'));
  return uidOf(users.find(([name]) => name === 'nobody')) || uidOf(users.find((user) => uidOf(user) > 0)) || 65534;
};

/** Root's own files stay accessible: only the uid that the program sees is another one. */
const mappedIdentity = (uid: number): RunIdentity => ({
  description: `user namespace, uid ${uid} inside`,
  prefix: ['unshare', '--user', `--map-user=${uid}`, `--map-group=${uid}`, '--'],
  isForeign: false,
  ownerUid: 0,
});

const setprivPrefix = (uid: number): readonly string[] => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${uid}`,
  '--clear-groups',
];

/** For containers that forbid user namespaces: the ambient capability opens the folders that only root may enter. */
const capableIdentity = (uid: number): RunIdentity => ({
  description: `uid ${uid} with access to root's folders`,
  prefix: [...setprivPrefix(uid), '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--'],
  isForeign: true,
  ownerUid: uid,
});

const plainIdentity = (uid: number): RunIdentity => ({
  description: `uid ${uid}`,
  prefix: [...setprivPrefix(uid), '--'],
  isForeign: true,
  ownerUid: uid,
});

const ownerOf = async (path: string): Promise<number> =>
  lstat(path).then(
    (stats) => stats.uid,
    () => 0,
  );

export type Runner = { identity: RunIdentity; binaries: PostgresBinaries };

/**
 * Choose the identity for a data folder, and the programs it can reach. `cluster` may not exist yet.
 * A cluster made by an ordinary user keeps that user, so that it can still start it afterwards.
 */
export const chooseRunner = async (cluster: string, installed: PostgresBinaries): Promise<Runner> => {
  if (process.getuid?.() !== 0) return { identity: OWN_IDENTITY, binaries: installed };

  const owner = await ownerOf(cluster);
  const nobody = await unprivilegedUid();
  const candidates =
    owner === 0
      ? [mappedIdentity(nobody), capableIdentity(nobody), plainIdentity(nobody)]
      : [capableIdentity(owner), plainIdentity(owner)];

  for (const identity of candidates) {
    const binaries = identity.isForeign ? await openBinaries(installed) : installed;
    const { exitCode } = await runProgram([...identity.prefix, binaries.postgres, '--version']);
    if (exitCode === 0) return { identity, binaries };
  }
  throw new EmbeddedPostgresError(
    'identity',
    'Postgres refuses to run as root, and no unprivileged identity could start it here: start as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
  );
};

/** Give the cluster to the identity that runs it. The folder itself comes last: when it is right, all of it is. */
export const giveOwnership = async (path: string, uid: number): Promise<void> => {
  const stats = await lstat(path);
  if (stats.uid === uid) return;
  if (stats.isDirectory()) {
    for (const name of await readdir(path)) await giveOwnership(join(path, name), uid);
  }
  await lchown(path, uid, uid);
};

/**
 * Makes the kernel stop Postgres when the process that started it dies, however it dies.
 * The signal follows the thread that spawned it. Empty where the system has no such thing.
 */
export const deathSignalPrefix = async (): Promise<readonly string[]> => {
  if (process.platform !== 'linux' || !isMainThread) return [];
  const prefix = ['setpriv', '--pdeathsig=INT', '--'];
  const { exitCode } = await runProgram([...prefix, 'true']);
  return exitCode === 0 ? prefix : [];
};
