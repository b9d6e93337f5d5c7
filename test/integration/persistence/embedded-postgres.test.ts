import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '#persistence/database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#persistence/embedded/embedded-postgres.ts';
import { answersAsPostgres, readPostmaster } from '#persistence/embedded/postmaster-file.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const HOLD_PROGRAM = fileURLToPath(new URL('../../fixtures/programs/hold-postgres.ts', import.meta.url));

describe('embedded Postgres', () => {
  let dataDirectory: string;
  let started: EmbeddedPostgres[];
  let holders: ChildProcess[];

  const start = async (port?: number) => {
    const postgres = await startEmbeddedPostgres({
      dataDirectory,
      durable: false,
      log: silentLog,
      ...(port !== undefined && { port }),
    });
    started.push(postgres);
    return postgres;
  };
  const startElsewhere = async (where: 'main' | 'thread') => {
    const holder = spawn(process.execPath, [HOLD_PROGRAM, dataDirectory, where], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    holders.push(holder);
    const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
    return { holder, ...(JSON.parse(line) as { port: number; adopted: boolean }) };
  };
  const kill = async (holder: ChildProcess) => {
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
  };
  const isGone = (port: number) =>
    expect.poll(() => answersAsPostgres(port), { timeout: 10_000, interval: 50 }).toBe(false);

  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-embedded-'));
    started = [];
    holders = [];
  });
  afterEach(async () => {
    for (const postgres of started) await postgres.stop();
    for (const holder of holders) if (holder.exitCode === null && holder.signalCode === null) await kill(holder);
    await expect.poll(() => readPostmaster(join(dataDirectory, 'postgres')), { timeout: 10_000 }).toBeNull();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  it('starts on an empty folder, asks for a password of its own and keeps what was written', async () => {
    const first = await start();
    const database = await openDatabase({ url: first.url, log: silentLog });
    await database.migrate();
    const [settings] = await database.fork().execute(
      `select current_setting('server_encoding') as encoding, current_setting('timezone') as zone,
              current_setting('listen_addresses') as host, 'Ж' < 'а' as "byteOrder"`,
    );
    await database.close();
    await first.stop();
    const second = await start();
    const reopened = await openDatabase({ url: second.url, log: silentLog });
    expect(await reopened.migrate()).toEqual([]);
    await reopened.close();

    expect(settings).toEqual({ encoding: 'UTF8', zone: 'UTC', host: '127.0.0.1', byteOrder: true });
    expect(second).toMatchObject({ adopted: false, version: first.version });
    expect((await stat(join(dataDirectory, 'postgres.password'))).mode & 0o777).toBe(0o600);
    const wrong = Object.assign(new URL(second.url), { password: '' }).href;
    await expect(openDatabase({ url: wrong, log: silentLog })).rejects.toMatchObject({ code: 'refused' });
  });

  it('is adopted when it runs already, and left running by a guest', async () => {
    const { port, holder } = await startElsewhere('main');
    const guest = await start();
    expect(guest).toMatchObject({ adopted: true, port });
    const database = await openDatabase({ url: guest.url, log: silentLog });
    await database.close();
    await guest.stop();
    expect(await answersAsPostgres(port)).toBe(true);
    await kill(holder);
    await isGone(port);
  });

  it.runIf(process.platform === 'linux')('ends when the process that started it is killed', async () => {
    const { port, holder } = await startElsewhere('main');
    await kill(holder);
    await isGone(port);
    expect(await readPostmaster(join(dataDirectory, 'postgres'))).toBeNull();
  });

  it('is adopted and stopped after its starter died without taking it along', async () => {
    const { port, holder } = await startElsewhere('thread');
    await kill(holder);
    const heir = await start();
    expect(heir).toMatchObject({ adopted: true, port });
    await heir.stop();
    expect(await answersAsPostgres(port)).toBe(false);
  });

  it('starts beside a stale pid file whose number belongs to another process', async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(dataDirectory, 'postgres', 'postmaster.pid'), `${process.pid}\n/x\n0\n1\n\n\n\nready\n`);
    await expect(start()).resolves.toMatchObject({ adopted: false });
  });

  it('says in one sentence that its port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    await expect(start(port)).rejects.toMatchObject({
      code: 'portInUse',
      message: `The embedded Postgres cannot listen on 127.0.0.1:${port} (EADDRINUSE): free this port, or set POSTGRES_PORT to another one or to 0.`,
    });
    blocker.close();
  });

  it('says in one sentence that the folder was made by another version', async () => {
    const cluster = join(dataDirectory, 'postgres');
    await mkdir(cluster);
    await writeFile(join(cluster, 'PG_VERSION'), '99\n');
    await expect(start()).rejects.toMatchObject({
      code: 'otherVersion',
      message: `The data folder ${cluster} was made by Postgres 99 and cannot be used by the embedded Postgres 18: set DATA_DIR to another folder, or DATABASE_URL to a Postgres 99.`,
    });
  });

  it('says in one sentence that the folder cannot be written', async () => {
    const file = join(dataDirectory, 'file');
    await writeFile(file, '');
    const folder = join(file, 'data');
    await expect(startEmbeddedPostgres({ dataDirectory: folder, log: silentLog })).rejects.toMatchObject({
      code: 'dataFolder',
      message: `The data folder ${folder} is not writable (ENOTDIR): give this user write access to it, or set DATA_DIR to another folder.`,
    });
  });

  it('says in one sentence that the password of the folder is gone, before it starts anything', async () => {
    const first = await start();
    await first.stop();
    const file = join(dataDirectory, 'postgres.password');
    const password = await readFile(file);
    await unlink(file);
    await expect(start()).rejects.toMatchObject({ code: 'dataFolder', message: expect.stringContaining(file) });
    expect(await readPostmaster(join(dataDirectory, 'postgres'))).toBeNull();
    await writeFile(file, password);
  });

  it('leaves nothing that looks finished when its first start is interrupted', async () => {
    await mkdir(join(dataDirectory, 'postgres.new'));
    await writeFile(join(dataDirectory, 'postgres.new', 'PG_VERSION'), '18\n');
    await expect(start()).resolves.toMatchObject({ adopted: false });
  });
});
