import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { Ownership } from '#domain/ownership.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createOwnership, type OwnershipOptions } from '#persistence/ownership.ts';
import { identifyProcess } from '#persistence/process-identity.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const HOLDER = fileURLToPath(new URL('../../fixtures/programs/hold-calls.ts', import.meta.url));
const QUICK = { leaseMs: 400, renewMs: 100, unbrokenMs: 400 };
const OTHER_HOST = { ...identifyProcess(), host: 'elsewhere' };

describe('ownership', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let opened: AsyncDisposableStack;

  const open = (nodeId: string, options: Partial<OwnershipOptions> = {}): Ownership => {
    const ownership = createOwnership({
      database,
      nodeId,
      dataDirectory: '/data',
      log: silentLog,
      ...QUICK,
      ...options,
    });
    opened.defer(() => ownership.stop().catch(() => {}));
    return ownership;
  };
  const putCall = async (nodeId: string, state = 'talking'): Promise<CallId> => {
    const callId = randomUUID() as CallId;
    await database.fork().execute(
      `insert into call_snapshots (call_id, seq, epoch, node_id, machine_version, state, context, updated_at)
       values (?, 3, 1, ?, 1, ?, '{"ssrc": 7}', now())`,
      [callId, nodeId, state],
    );
    return callId;
  };
  const putLease = (nodeId: string, change = '') =>
    database.fork().execute(
      `insert into application_nodes (node_id, host, pid, data_directory, renewed_at) values (?, 'elsewhere', 1, '/x', now())
       on conflict (node_id) do update set renewed_at = now() ${change}`,
      [nodeId],
    );
  const idsOf = (claimed: readonly { callId: CallId }[]) => claimed.map(({ callId }) => callId);
  const hold = async (nodeId: string, dataDirectory: string, callIds: CallId[] = []) => {
    const child: ChildProcess = spawn(process.execPath, [HOLDER, testDatabase.url, nodeId, dataDirectory, ...callIds], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    opened.defer(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    if (!child.stdout) throw new Error('The holder has no output.');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');
    expect(await next()).toEqual({ started: true });
    return { child, next };
  };

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    opened = new AsyncDisposableStack();
  });
  afterEach(async () => {
    await opened.disposeAsync();
    await database.close();
    await testDatabase.drop();
  });

  it('C17: takes the live calls of a killed predecessor at once, with all that is needed to go on', async () => {
    const { child } = await hold('old', '/data');
    const callId = await putCall('old');
    const ended = await putCall('old', 'ended');
    for (const [seq, path, incarnation] of [
      [1, 'call', 1],
      [2, 'call/model', 1],
      [3, 'call/model', 2],
    ] as const) {
      await database.fork().execute(
        `insert into call_transitions (call_id, seq, at, epoch, machine, machine_version, actor_path, incarnation, event_type, to_state, ignored)
         values (?, ?, now(), 1, 'm', 1, ?, ?, 'x', 'y', false)`,
        [callId, seq, path, incarnation],
      );
    }
    child.kill('SIGKILL');
    await once(child, 'exit');

    const ownership = open('new');
    await ownership.start();
    expect(await ownership.claimAbandoned()).toEqual([
      {
        callId,
        epoch: 2,
        seq: 3,
        machineVersion: 1,
        state: 'talking',
        context: { ssrc: 7 },
        incarnations: { call: 1, 'call/model': 2 },
      },
    ]);
    expect(await ownership.claimAbandoned()).toEqual([]);
    expect(await ownership.lost([{ callId, epoch: 2 }])).toEqual([]);
    expect(await ownership.lost([{ callId, epoch: 1 }])).toEqual([callId]);
    expect(await ownership.lost([{ callId: ended, epoch: 1 }])).toEqual([ended]);
  });

  it('leaves the calls of a process that lives alone, also when it works with the same folder', async () => {
    await hold('old', '/data');
    await putCall('old');
    const ownership = open('new', { unbrokenMs: 0 });
    await ownership.start();
    expect(await ownership.claimAbandoned()).toEqual([]);
  });

  it('gives each call to one of two that claim at the same moment', async () => {
    const { child } = await hold('old', '/data');
    const calls = await Promise.all(Array.from({ length: 40 }, () => putCall('old')));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const rivals = [open('one'), open('two')];
    await Promise.all(rivals.map((rival) => rival.start()));
    const claimed = await Promise.all(rivals.map((rival) => rival.claimAbandoned()));
    expect(claimed.flatMap(idsOf).toSorted()).toEqual(calls.toSorted());
    expect(claimed.flat().every(({ epoch }) => epoch === 2)).toBe(true);
  });

  it('C17: gets the calls of a claim whose answer was lost when it asks again', async () => {
    const { child } = await hold('old', '/data');
    const callId = await putCall('old');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const ownership = open('new');
    await ownership.start();
    await database.fork().transactional(async (locking) => {
      await locking.execute('select 1 from call_snapshots where call_id = ? for update', [callId]);
      await expect(ownership.claimAbandoned()).rejects.toMatchObject({ code: 'unavailable' });
    });
    const taken = () => database.fork().execute(`select 1 as one from call_snapshots where node_id = 'new'`);
    await expect.poll(taken).toEqual([{ one: 1 }]);
    expect(await ownership.claimAbandoned()).toMatchObject([{ callId, epoch: 2 }]);
    expect(await ownership.claimAbandoned()).toEqual([]);
  });

  it('claims nothing while older news of the calls wait in the spool', async () => {
    const callId = await putCall('far');
    await putLease('far');
    await database.fork().execute(`update application_nodes set released_at = now() where node_id = 'far'`);
    const state = { isBehind: true };
    const ownership = open('new', { isBehind: () => state.isBehind });
    await ownership.start();
    expect(await ownership.claimAbandoned()).toEqual([]);
    state.isBehind = false;
    expect(idsOf(await ownership.claimAbandoned())).toEqual([callId]);
  });

  it('forgets leases of days ago, but none that still has calls', async () => {
    await putCall('kept');
    for (const nodeId of ['kept', 'over']) await putLease(nodeId);
    await database.fork().execute(`update application_nodes set renewed_at = now() - interval '2 days'`);
    await open('new').start();
    const rows = await database
      .fork()
      .execute<{ id: string }[]>('select node_id as id from application_nodes order by 1');
    expect(rows.map(({ id }) => id)).toEqual(['kept', 'new']);
  });

  it('takes the calls of another host only when its lease has expired and the own one was never interrupted', async () => {
    await putLease('far');
    const callId = await putCall('far');
    const ownership = open('new', { unbrokenMs: 600 });
    await ownership.start();
    expect(await ownership.claimAbandoned()).toEqual([]);
    await database
      .fork()
      .execute(`update application_nodes set renewed_at = now() - interval '1 hour' where node_id = 'far'`);
    expect(await ownership.claimAbandoned()).toEqual([]);
    await expect.poll(async () => idsOf(await ownership.claimAbandoned())).toEqual([callId]);
  });

  it('C17: takes the calls of a process that does not answer only when it has not for as long as its lease', async () => {
    await putLease('far');
    const callId = await putCall('far');
    await database
      .fork()
      .execute(
        `update application_nodes set renewed_at = now() - interval '1 hour', address = '127.0.0.1:1' where node_id = 'far'`,
      );
    const ownership = open('new', { unbrokenMs: 0 });
    await ownership.start();
    const askedAt = performance.now();
    expect(await ownership.claimAbandoned()).toEqual([]);
    await expect.poll(async () => idsOf(await ownership.claimAbandoned())).toEqual([callId]);
    expect(performance.now() - askedAt).toBeGreaterThan(QUICK.leaseMs);
  });

  it('takes the calls of a process that has given its lease back at once', async () => {
    const callId = await putCall('far');
    const first = open('far', { identity: OTHER_HOST });
    await first.start();
    const ownership = open('new');
    await ownership.start();
    expect(await ownership.claimAbandoned()).toEqual([]);
    await first.stop();
    expect(idsOf(await ownership.claimAbandoned())).toEqual([callId]);
  });

  describe('without the database', () => {
    let proxy: TcpProxy;
    let url: string;

    beforeEach(async () => {
      const direct = new URL(testDatabase.url);
      proxy = await createTcpProxy(Number(direct.port));
      url = Object.assign(direct, { port: String(proxy.port) }).href;
    });
    afterEach(() => proxy.close());

    it('D12: a healthy owner that cannot renew its lease is not robbed, and stays the owner', async () => {
      const callId = await putCall('cut');
      const owner = open('cut', { database: { url }, identity: OTHER_HOST });
      await owner.start();
      const rival = open('rival', { unbrokenMs: 100 });
      await rival.start();
      await proxy.cut();
      await expect.poll(async () => (await expiredLeases(database)).includes('cut')).toBe(true);
      expect(await rival.claimAbandoned()).toEqual([]);
      expect(owner.isCurrent).toBe(true);

      await proxy.restore();
      await expect.poll(async () => (await expiredLeases(database)).includes('cut')).toBe(false);
      expect(await owner.lost([{ callId, epoch: 1 }])).toEqual([]);
    });

    it('D12: whoever was cut off itself waits until its own lease has been renewed for long enough', async () => {
      await putLease('far');
      const callId = await putCall('far');
      const ownership = open('new', { database: { url }, unbrokenMs: 300 });
      await ownership.start();
      await proxy.cut();
      await expect.poll(async () => (await expiredLeases(database)).includes('new')).toBe(true);
      await proxy.restore();
      await expect.poll(async () => (await expiredLeases(database)).includes('new')).toBe(false);
      expect(await ownership.claimAbandoned()).toEqual([]);
      await expect.poll(async () => idsOf(await ownership.claimAbandoned())).toEqual([callId]);
    });

    it('starts, and writes its lease as soon as the database is back', async () => {
      await proxy.cut();
      const ownership = open('new', { database: { url } });
      await ownership.start();
      expect(ownership.isCurrent).toBe(true);
      await expect(ownership.claimAbandoned()).rejects.toMatchObject({ code: 'unavailable' });
      await proxy.restore();
      const written = () => database.fork().execute(`select 1 as one from application_nodes where node_id = 'new'`);
      await expect.poll(written).toEqual([{ one: 1 }]);
    });
  });

  it('C17: a process that was frozen beyond its lease says so before anything else, and learns what it has lost', async () => {
    const taken = await putCall('frozen');
    const { child, next } = await hold('frozen', '/elsewhere', [taken]);
    const ownership = open('new');
    await ownership.start();
    child.kill('SIGSTOP');
    await expect.poll(async () => idsOf(await ownership.claimAbandoned()), { timeout: 15_000 }).toEqual([taken]);
    child.kill('SIGCONT');
    expect(await next()).toEqual({ suspended: true, isCurrent: false, lost: [taken], isCurrentAfter: true });
  });

  it('counts as not current from the first question after a standstill, until its epochs have been read', async () => {
    const clock = { time: 0 };
    const told: boolean[] = [];
    const ownership = open('new', { now: () => clock.time, renewMs: 60_000 });
    using _listening = ownership.onSuspended(() => told.push(true));
    await ownership.start();
    clock.time += 400;
    expect(ownership.isCurrent).toBe(true);
    clock.time += 401;
    expect(ownership.isCurrent).toBe(false);
    expect(told).toEqual([true]);
    expect(await ownership.claimAbandoned()).toEqual([]);
    await ownership.lost([]);
    expect(ownership.isCurrent).toBe(true);
  });
});

const expiredLeases = async (database: Database): Promise<string[]> => {
  const rows = await database
    .fork()
    .execute<{ node_id: string }[]>(
      `select node_id from application_nodes where renewed_at < now() - interval '400 milliseconds'`,
    );
  return rows.map(({ node_id }) => node_id);
};
