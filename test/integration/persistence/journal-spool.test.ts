import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import { createJournal, type JournalOptions, type PostgresJournal } from '#persistence/journal.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { openSpool, type Spool } from '#persistence/spool.ts';
import { createStatementRunner, type StatementRunner } from '#persistence/statement-runner.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { beginCall, type JournalledCall, resumeCall } from '../../fixtures/journalled-call.ts';
import { createTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/programs/spool-transitions.ts', import.meta.url));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('journal with a spool', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let proxy: TcpProxy;
  let url: string;
  let runner: StatementRunner;
  let folder: string;
  let directory: string;
  let journals: PostgresJournal[];
  let spool: Spool;
  let journal: PostgresJournal;

  const open = (options: Partial<JournalOptions> = {}) => {
    const opened = createJournal({ run: runner.run, log: silentLog, spool, ...options });
    journals.push(opened);
    return opened;
  };
  const reopenSpool = async () => {
    spool = await openSpool({ directory, log: silentLog });
    return spool;
  };
  /** As a process that dies: what it has not written is lost to it. */
  const die = () => journal.close({ timeoutMs: 0 });
  const seqsOf = async (callId: CallId) => {
    const rows = await createCallsRepository(database).timeline(callId, { afterSeq: null, limit: 10_000 });
    return rows.map(({ seq }) => seq);
  };
  const snapshotOf = async (callId: CallId) => {
    const sql = 'select seq, epoch, node_id as node, state from call_snapshots where call_id = ?';
    return (await database.fork().execute<Record<string, unknown>[]>(sql, [callId]))[0];
  };
  const appendMany = (call: JournalledCall, count: number) => {
    for (let done = 0; done < count; done++) call.append();
  };
  const begin = async (): Promise<JournalledCall> => {
    const call = beginCall(journal);
    await call.durable();
    return call;
  };

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    const direct = new URL(testDatabase.url);
    proxy = await createTcpProxy(Number(direct.port));
    url = Object.assign(direct, { port: String(proxy.port) }).href;
    runner = createStatementRunner({ url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
    folder = await mkdtemp(path.join(tmpdir(), 'journal-spool-test-'));
    directory = path.join(folder, 'spool');
    journals = [];
    await reopenSpool();
    journal = open();
  });
  afterEach(async () => {
    await proxy.close();
    await Promise.all(journals.map((each) => each.close({ timeoutMs: 0 })));
    await runner.close();
    await database.close();
    await testDatabase.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('D12: in an outage durable means spooled, and all of it lands in order and once', async () => {
    const calls = await Promise.all(upTo(5).map(begin));
    await proxy.cut();
    for (let round = 0; round < 10; round++) {
      for (const call of calls) appendMany(call, 3);
      await Promise.all(calls.map((call) => call.durable()));
    }
    expect(journal.isAvailable).toBe(false);
    expect(journal.isTracked(calls[0]?.callId as CallId)).toBe(true);
    for (const call of calls) expect(await seqsOf(call.callId)).toEqual([]);

    await proxy.restore();
    await journal.caughtUp();
    for (const call of calls) expect(await seqsOf(call.callId)).toEqual(upTo(30));
    expect(await readdir(directory)).toEqual([]);
    expect(journal.isAvailable).toBe(true);
    for (const call of calls) appendMany(call, 1);
    await Promise.all(calls.map((call) => call.durable()));
    for (const call of calls) expect(await seqsOf(call.callId)).toEqual(upTo(31));
    expect(journal.statistics()).toMatchObject({ dropped: 0, quarantined: 0, queuedEntries: 0 });
  });

  it('D12: a new call is refused during the outage, and taken again when it is over although nothing was written', async () => {
    const running = await begin();
    await proxy.cut();
    running.append();
    await running.durable();
    const refused = beginCall(journal);
    await expect(refused.durable(50)).rejects.toMatchObject({ code: 'unavailable' });
    refused.end();
    await proxy.restore();
    await expect.poll(() => journal.isAvailable).toBe(true);
    await begin();
    expect(await createCallsRepository(database).find(refused.callId)).toBeNull();
  });

  it('S1: a new call whose first barrier ran into the outage gets its row and its last state afterwards', async () => {
    await proxy.cut();
    const call = beginCall(journal);
    call.append();
    await expect(call.durable(50)).rejects.toMatchObject({ name: 'JournalError' });
    await expect.poll(() => journal.isAvailable).toBe(false);
    Object.assign(call.state.row, { status: 'failed', cause: 'commitFailed' });
    call.append();
    call.end();
    await proxy.restore();
    await expect.poll(() => journal.statistics().calls).toBe(0);
    expect(await createCallsRepository(database).find(call.callId)).toMatchObject({ status: 'failed' });
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
  });

  it('D12: writes once what was committed although its answer was lost', async () => {
    let losesAnswers = 2;
    const run: RunStatement = async (sql, parameters) => {
      const rows = await runner.run(sql, parameters);
      if (losesAnswers-- > 0) throw new DatabaseError('unavailable', 'Connection lost.');
      return rows as never;
    };
    const call = await begin();
    const other = open({ run });
    const resumed = resumeCall(other, { callId: call.callId, seq: 0, epoch: 1, nodeId: 'node-1' });
    appendMany(resumed, 3);
    await resumed.durable();
    appendMany(resumed, 3);
    await resumed.durable();
    await other.caughtUp();
    expect(await seqsOf(call.callId)).toEqual(upTo(6));
    expect(other.statistics()).toMatchObject({ quarantined: 0 });
  });

  it('D12: comes to the end of the spool although calls never stop writing', async () => {
    const calls = await Promise.all(upTo(20).map(begin));
    await proxy.cut();
    const state = { isOver: false };
    const write = async (call: JournalledCall): Promise<number> => {
      let count = 0;
      for (; !state.isOver; count++) {
        call.append();
        await call.durable();
      }
      return count;
    };
    const writing = calls.map(write);
    await expect.poll(() => spool.bytes).toBeGreaterThan(100_000);
    await proxy.restore();
    await journal.caughtUp();
    expect(journal.isAvailable).toBe(true);
    state.isOver = true;
    const counts = await Promise.all(writing);
    for (const [index, call] of calls.entries()) expect(await seqsOf(call.callId)).toEqual(upTo(counts[index] ?? 0));
  });

  it('D12: a database that stands still stops no barrier, and what it does in the end is not done twice', async () => {
    const impatient = createStatementRunner({ url, poolSize: 3, timeoutMs: 200, log: silentLog });
    const own = path.join(folder, 'own');
    journal = open({ run: impatient.run, spool: await openSpool({ directory: own, log: silentLog }) });
    const call = await begin();
    await database.fork().transactional(async (locking) => {
      await locking.execute('select 1 from call_snapshots where call_id = ? for update', [call.callId]);
      for (let round = 0; round < 3; round++) {
        appendMany(call, 2);
        await call.durable();
      }
      expect(await readdir(own)).toHaveLength(1);
    });
    // Back already when only the one call was locked, but not before everything is there.
    await expect.poll(() => seqsOf(call.callId)).toEqual(upTo(6));
    await journal.caughtUp();
    expect(journal.statistics()).toMatchObject({ quarantined: 0, dropped: 0 });
    await impatient.close();
  });

  it('D12: nothing durable is lost when the process is killed between the spool and Postgres', async () => {
    const callId = randomUUID() as CallId;
    const child = spawn(process.execPath, [PROGRAM, url, path.join(folder, 'other'), callId], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');
    expect(await next()).toEqual({ begun: true });
    child.stdin.write('append\n');
    expect(await next()).toEqual({ durable: true, isAvailable: true });
    await proxy.cut();
    for (let round = 0; round < 4; round++) {
      child.stdin.write('append\n');
      expect(await next()).toEqual({ durable: true, isAvailable: false });
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await seqsOf(callId)).toEqual(upTo(5));

    directory = path.join(folder, 'other');
    const later = open({ spool: await reopenSpool() });
    await proxy.restore();
    await later.caughtUp();
    expect(await seqsOf(callId)).toEqual(upTo(25));
    expect(await snapshotOf(callId)).toMatchObject({ seq: 25, epoch: 1, node: 'node-1' });
  });

  it('D12: a replay that was cut off is repeated without harm', async () => {
    const call = await begin();
    await proxy.cut();
    for (let round = 0; round < 5; round++) {
      appendMany(call, 4);
      await call.durable();
    }
    await die();
    const copy = path.join(folder, 'copy');
    await cp(directory, copy, { recursive: true });
    await proxy.restore();
    const half = open({ spool: await reopenSpool() });
    await half.caughtUp();
    const sql = 'delete from call_transitions where call_id = ? and seq > 10';
    await database.fork().execute(sql, [call.callId]);
    await database.fork().execute('update call_snapshots set seq = 10 where call_id = ?', [call.callId]);

    directory = copy;
    const again = open({ spool: await reopenSpool() });
    await again.caughtUp();
    expect(await seqsOf(call.callId)).toEqual(upTo(20));
    expect(await snapshotOf(call.callId)).toMatchObject({ seq: 20, state: 'state-20' });
    expect(again.statistics()).toMatchObject({ quarantined: 0 });
  });

  it('C17: without Postgres a successor goes on with every live call, and everything lands under its epoch', async () => {
    const [busy, quiet, over] = (await Promise.all(upTo(3).map(begin))) as [
      JournalledCall,
      JournalledCall,
      JournalledCall,
    ];
    appendMany(busy, 2);
    quiet.append();
    await Promise.all([busy.durable(), quiet.durable()]);
    await proxy.cut();
    busy.append({ actorPath: 'call/model', incarnation: 4 });
    await busy.durable();
    await expect.poll(() => spool.holds(quiet.callId)).toBe(true);
    over.append();
    await over.durable();
    await die();

    journal = open({ spool: await reopenSpool() });
    const taken = await spool.takeCalls('node-2');
    expect(taken.map(({ callId }) => callId).toSorted()).toEqual(
      [busy, quiet, over].map(({ callId }) => callId).toSorted(),
    );
    const found = taken.find(({ callId }) => callId === busy.callId);
    expect(found).toMatchObject({ epoch: 2, seq: 3, state: 'state-3', incarnations: { call: 1, 'call/model': 4 } });
    const resumed = taken.map((claimed) => resumeCall(journal, claimed));
    for (const call of resumed) call.append();
    await Promise.all(resumed.map((call) => call.durable()));

    await proxy.restore();
    await journal.caughtUp();
    expect(await seqsOf(busy.callId)).toEqual(upTo(4));
    expect(await seqsOf(quiet.callId)).toEqual([1, 2]);
    expect(await snapshotOf(busy.callId)).toMatchObject({ seq: 4, epoch: 2, node: 'node-2' });
  });

  it('C17: a call that another process has claimed meanwhile is dropped, and its owner is told', async () => {
    const lost: CallId[] = [];
    const [mine, theirs] = (await Promise.all(upTo(2).map(begin))) as [JournalledCall, JournalledCall];
    await proxy.cut();
    for (const call of [mine, theirs]) {
      call.append();
      await call.durable();
    }
    await die();
    journal = open({ spool: await reopenSpool(), onFenced: (callId) => lost.push(callId) });
    const resumed = (await spool.takeCalls('node-2')).map((claimed) => resumeCall(journal, claimed));
    for (const call of resumed) call.append();
    await Promise.all(resumed.map((call) => call.durable()));
    const claim = `update call_snapshots set epoch = 2, node_id = 'node-3' where call_id = ?`;
    await database.fork().execute(claim, [theirs.callId]);
    await proxy.restore();
    await journal.caughtUp();

    expect(lost).toEqual([theirs.callId]);
    await expect(journal.durable(theirs.callId, { timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'fenced' });
    expect(await snapshotOf(theirs.callId)).toMatchObject({ seq: -1, epoch: 2, node: 'node-3' });
    expect(await seqsOf(theirs.callId)).toEqual([]);
    expect(await seqsOf(mine.callId)).toEqual([1, 2]);
  });

  it('C17: tells at once when a call is fenced in the middle of it', async () => {
    const lost: CallId[] = [];
    journal = open({ onFenced: (callId) => lost.push(callId) });
    const call = await begin();
    const claim = `update call_snapshots set epoch = epoch + 1, node_id = 'node-2' where call_id = ?`;
    await database.fork().execute(claim, [call.callId]);
    call.append();
    await expect.poll(() => lost).toEqual([call.callId]);
    call.append();
    await expect(call.durable()).rejects.toMatchObject({ code: 'fenced' });
    expect(lost).toHaveLength(1);
    call.end();
    expect(journal.isTracked(call.callId)).toBe(false);
  });

  it('D12: when the spool takes nothing more, entries wait in memory', async () => {
    directory = path.join(folder, 'small');
    journal = open({ spool: await openSpool({ directory, log: silentLog, maxBytes: 1 }) });
    const call = await begin();
    await proxy.cut();
    call.append();
    await call.durable();
    call.append();
    await expect(call.durable(50)).rejects.toMatchObject({ code: 'unavailable' });
    await proxy.restore();
    await call.durable();
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
  });

  it('D12: closing in an outage leaves what was appended in the spool', async () => {
    const call = await begin();
    await proxy.cut();
    appendMany(call, 3);
    await journal.close({ timeoutMs: 5_000 });
    await spool.close();
    await proxy.restore();
    await open({ spool: await reopenSpool() }).caughtUp();
    expect(await seqsOf(call.callId)).toEqual([1, 2, 3]);
  });

  it('goes on with a call that was taken over where its numbers end, and knows its row', async () => {
    const call = await begin();
    appendMany(call, 2);
    await call.durable();
    const claim = `update call_snapshots set epoch = 2, node_id = 'node-2' where call_id = ?`;
    await database.fork().execute(claim, [call.callId]);
    const resumed = resumeCall(open(), { callId: call.callId, seq: 2, epoch: 2 }, { status: 'in_call' });
    await resumed.durable();
    resumed.append();
    await resumed.durable();
    expect(await seqsOf(call.callId)).toEqual([1, 2, 3]);
    expect(await snapshotOf(call.callId)).toEqual({ seq: 3, epoch: 2, node: 'node-2', state: 'state-3' });
    expect(await createCallsRepository(database).find(call.callId)).toMatchObject({ status: 'in_call' });
  });
});
