/** Runs a Postgres of our own from the npm package of this platform, or adopts the one already running on its data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#domain/log.ts';
import { locateBinaries, type PostgresBinaries } from './binaries.ts';
import {
  type ClusterPaths,
  clusterPaths,
  createCluster,
  DATABASE_NAME,
  DATABASE_USER,
  hasCluster,
  readPassword,
  requireWritable,
} from './cluster.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { chooseRunner, deathSignalPrefix, giveOwnership, type RunIdentity } from './identity.ts';
import { answersAsPostgres, isAlive, type Postmaster, readPostmaster } from './postmaster-file.ts';
import { PROGRAM_ENVIRONMENT, runProgram } from './run-program.ts';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

export type EmbeddedPostgresOptions = {
  /** Holds `postgres/` (the cluster), its password (mode 600) and its log. Made when missing. */
  dataDirectory: string;
  /** Null or 0: a free one. */
  port?: number | null;
  /** False only for throw-away data: commits are then not forced to the disk. */
  durable?: boolean;
  log: Log;
};

export type EmbeddedPostgres = {
  /** With the password: not for logs. */
  url: string;
  port: number;
  /** It was running already. */
  adopted: boolean;
  version: string;
  /** Fast shutdown, and wait for its end. One that another living process started is left running. */
  stop(): Promise<void>;
};

type Installation = { paths: ClusterPaths; binaries: PostgresBinaries; identity: RunIdentity };

const freePort = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new EmbeddedPostgresError(
          'portInUse',
          `The embedded Postgres cannot listen on ${HOST}:${wanted} (${cause.code}): free this port, or set POSTGRES_PORT to another one or to 0.`,
          { cause },
        ),
      ),
    );
    server.listen(wanted, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : wanted));
    });
  });

const serverArguments = (port: number, durable: boolean): string[] => {
  const settings = {
    listen_addresses: HOST,
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    password_encryption: 'scram-sha-256',
    max_connections: '100',
    max_wal_size: '1GB',
    // Statements carry phone numbers and what was said.
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
};

const lastLogLines = async ({ logFile }: ClusterPaths): Promise<string> => {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const fault = text.split('\n').findLast((line) => /FATAL|PANIC|error/i.test(line));
  return fault?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? text.trim().split('\n').at(-1) ?? 'no reason given';
};

const launch = async ({ paths, binaries, identity }: Installation, args: string[]): Promise<ChildProcess> => {
  const logFile = await open(paths.logFile, 'w', 0o600);
  try {
    const command = [
      ...identity.prefix,
      ...(await deathSignalPrefix()),
      binaries.postgres,
      '-D',
      paths.cluster,
      ...args,
    ];
    const [file = '', ...rest] = command;
    const child = spawn(file, rest, {
      env: PROGRAM_ENVIRONMENT,
      stdio: ['ignore', logFile.fd, logFile.fd],
      windowsHide: true,
      // Ctrl-C in a terminal reaches the whole group; Postgres must outlive the calls that are being ended.
      detached: process.platform !== 'win32',
    });
    child.on('error', () => {});
    return child;
  } finally {
    await logFile.close();
  }
};

const hasExited = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/** The pid file says `ready` when connections are accepted. */
const waitUntilReady = async (paths: ClusterPaths, child: ChildProcess | null): Promise<Postmaster | null> => {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const postmaster = await readPostmaster(paths.cluster);
    if (postmaster?.status === 'ready' && (child === null || postmaster.pid === child.pid)) return postmaster;
    if (child ? hasExited(child) : postmaster === null) return null;
    await delay(POLL_MS);
  }
  return null;
};

const start = async (installation: Installation, port: number, durable: boolean): Promise<Postmaster> => {
  const child = await launch(installation, serverArguments(port, durable));
  const ready = await waitUntilReady(installation.paths, child);
  if (ready) {
    child.unref();
    return ready;
  }
  child.kill('SIGKILL');
  throw new EmbeddedPostgresError(
    'startFailed',
    `The embedded Postgres did not start: ${await lastLogLines(installation.paths)}.`,
  );
};

const findRunning = async (paths: ClusterPaths): Promise<Postmaster | null> => {
  const postmaster = await readPostmaster(paths.cluster);
  if (!postmaster) return null;
  const isOurs = postmaster.port > 0 && (await answersAsPostgres(postmaster.port));
  return isOurs ? waitUntilReady(paths, null) : null;
};

const waitForEnd = async (pid: number): Promise<void> => {
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadline)
      throw new EmbeddedPostgresError('startFailed', 'The embedded Postgres does not end.');
    await delay(POLL_MS);
  }
};

const shutDown = async ({ binaries, paths, identity }: Installation, pid: number): Promise<void> => {
  if (process.platform === 'win32') {
    await runProgram([...identity.prefix, binaries.pgCtl, 'stop', '-D', paths.cluster, '-m', 'fast', '-w']);
  } else if (isAlive(pid)) {
    process.kill(pid, 'SIGINT');
  }
  await waitForEnd(pid);
  await rm(paths.ownerFile, { force: true });
};

/** A postmaster whose starter has died is taken over; a living starter keeps the right to stop it. */
const takeOver = async ({ ownerFile }: ClusterPaths): Promise<boolean> => {
  const owner = Number(await readFile(ownerFile, 'utf8').catch(() => '0'));
  if (owner > 0 && owner !== process.pid && isAlive(owner)) return false;
  await writeFile(ownerFile, String(process.pid), { mode: 0o600 });
  return true;
};

/**
 * Start the embedded Postgres on a data folder, or adopt the one that runs on it.
 *
 * It listens on 127.0.0.1 only, asks for a password that was made at random, and on Linux ends when this process
 * dies in whatever way. Call it from the main thread. Throws `EmbeddedPostgresError` whose message is one sentence.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { dataDirectory, log, durable = true } = options;
  const paths = clusterPaths(dataDirectory);
  await requireWritable(dataDirectory);
  const installed = await locateBinaries();
  const exists = await hasCluster(paths, installed.major);
  const { identity, binaries } = await chooseRunner(paths.cluster, installed);
  const installation = { paths, binaries, identity };
  if (!exists) await createCluster(paths, { binaries, identity, durable });
  const password = await readPassword(paths);

  const running = await findRunning(paths);
  if (!running && identity.ownerUid !== null) await giveOwnership(paths.cluster, identity.ownerUid);
  const postmaster = running ?? (await start(installation, await freePort(options.port ?? 0), durable));
  const mayStop = await takeOver(paths);
  const { pid, port } = postmaster;
  log.info(
    { pid, port, adopted: running !== null, identity: identity.description },
    running ? 'embedded Postgres adopted' : 'embedded Postgres started',
  );

  return {
    url: `postgresql://${DATABASE_USER}:${password}@${HOST}:${port}/${DATABASE_NAME}`,
    port,
    adopted: running !== null,
    version: binaries.version,
    stop: async () => {
      if (mayStop) await shutDown(installation, pid);
    },
  };
};
