import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCallsRepository, type CallsRepository } from '#persistence/calls.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createJournal, type PostgresJournal } from '#persistence/journal.ts';
import { createReconciler, type Reconciler } from '#persistence/reconciler.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { findOrphans, settle } from '#persistence/settlement.ts';
import { createStatementRunner, type StatementRunner } from '#persistence/statement-runner.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { beginCall, STARTED_AT } from '../../fixtures/journalled-call.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const at = (seconds: number) => new Date(STARTED_AT.getTime() + seconds * 1_000);

describe('reconciler', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let runner: StatementRunner;
  let journal: PostgresJournal;
  let calls: CallsRepository;
  let reconciler: Reconciler;

  const execute = (sql: string, parameters: unknown[] = []) => database.fork().execute(sql, parameters);
  const snapshotOf = async (callId: CallId) =>
    (
      await database
        .fork()
        .execute<{ epoch: number; state: string }[]>('select epoch, state from call_snapshots where call_id = ?', [
          callId,
        ])
    )[0];

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    runner = createStatementRunner({ url: testDatabase.url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
    journal = createJournal({ run: runner.run, log: silentLog });
    calls = createCallsRepository(database);
    reconciler = createReconciler({ database, nodeId: 'node-1', log: silentLog });
  });
  afterEach(async () => {
    await journal.close({ timeoutMs: 1_000 });
    await runner.close();
    await database.close();
    await testDatabase.drop();
  });

  it('C15: settles what cannot be recovered by what is known of it, at the time of its last transition', async () => {
    const ringing = beginCall(journal, { status: 'ringing' });
    const talking = beginCall(journal, { status: 'in_call', answeredAt: at(5) });
    const kept = beginCall(journal, { status: 'in_call', answeredAt: at(5) });
    const foreign = beginCall(journal, { status: 'in_call', answeredAt: at(5) });
    const all = [ringing, talking, kept, foreign];
    for (const call of all) call.append({ at: at(7) });
    await Promise.all(all.map((call) => call.durable()));
    await execute(`update call_snapshots set node_id = 'node-2' where call_id = ?`, [foreign.callId]);
    const recordings = createRecordingsRepository(database);
    await recordings.started(talking.callId, { path: '/x/recording.partial.wav', startedAt: at(5) });

    const settled = await reconciler.settleUnrecoverable(
      [ringing, talking, foreign].map(({ callId }) => callId),
      'Its snapshot is of version 9.',
    );

    const recording = { path: '/x/recording.partial.wav', startedAt: at(5) };
    expect(settled.toSorted((a, b) => (a.status < b.status ? -1 : 1))).toEqual([
      { callId: talking.callId, status: 'answered', recording },
      { callId: ringing.callId, status: 'failed', recording: null },
    ]);
    const causeDetail = 'Its snapshot is of version 9.';
    expect(await calls.find(ringing.callId)).toMatchObject({
      status: 'failed',
      endedAt: at(7),
      cause: 'fault',
      causeDetail,
    });
    expect(await calls.find(talking.callId)).toMatchObject({ status: 'answered', endedAt: at(7) });
    for (const call of [kept, foreign]) expect(await calls.find(call.callId)).toMatchObject({ status: 'in_call' });
    expect(await recordings.find(talking.callId)).toMatchObject({ state: 'failed' });
    expect(await snapshotOf(talking.callId)).toEqual({ epoch: 2, state: 'ended' });
    talking.append();
    await expect(talking.durable()).rejects.toMatchObject({ code: 'fenced' });
  });

  it('M10: finds the recordings of ended calls that nobody is going to finish, until they are published', async () => {
    const lost = beginCall(journal, { status: 'in_call', answeredAt: at(5) });
    const talking = beginCall(journal, { status: 'in_call', answeredAt: at(5) });
    lost.append({ at: at(7) });
    await Promise.all([lost, talking].map((call) => call.durable()));
    const recordings = createRecordingsRepository(database);
    for (const { callId } of [lost, talking]) {
      await recordings.started(callId, { path: '/x/recording.partial.wav', startedAt: at(5) });
    }
    const find = (live: readonly CallId[] = []) =>
      Array.fromAsync(reconciler.unfinishedRecordings({ isLive: (callId) => live.includes(callId) }));
    expect(await find()).toEqual([]);

    await execute(`update call_snapshots set state = 'ended' where call_id = ?`, [lost.callId]);
    await execute(`update call_sessions set status = 'answered', ended_at = ? where session_id = ?`, [
      at(9),
      lost.callId,
    ]);
    expect(await find([lost.callId])).toEqual([]);
    const { callId } = lost;
    expect(await find()).toMatchObject([
      { callId, path: '/x/recording.partial.wav', startedAt: +at(5), endedAt: +at(9) },
    ]);
    await recordings.failed(callId, { code: 'interrupted', message: 'The process that recorded ended.' });
    expect(await find()).toHaveLength(1);
    await recordings.published(callId, { startedAt: at(5), durationMs: 4_000, files: {} });
    expect(await find()).toEqual([]);
  });

  it('M10: finds every recording that is left, however many of them stay', async () => {
    const ids = Array.from({ length: 205 }, () => randomUUID());
    const list = `select id from unnest(?::text[]) as id`;
    const array = `{${ids.join(',')}}`;
    await execute(
      `insert into call_sessions (session_id, direction, status, started_at, answered_at, ended_at)
       select id, 'inbound', 'answered', ?, ?, ? from (${list}) as ids`,
      [at(1), at(2), at(9), array],
    );
    await execute(
      `insert into recordings (call_id, state, path, started_at) select id, 'writing', '/x', ? from (${list}) as ids`,
      [at(2), array],
    );
    const found = await Array.fromAsync(reconciler.unfinishedRecordings({ isLive: () => false }));
    const left = new Set<string>(found.map(({ callId }) => callId));
    expect(ids.filter((id) => !left.has(id))).toEqual([]);
    expect(found).toHaveLength(left.size);
  });

  it('C15: settles rows without a live snapshot, and those of this process that it has forgotten', async () => {
    const rows = Array.from({ length: 5 }, () => beginCall(journal, { status: 'in_call', answeredAt: at(5) }));
    for (const row of rows) row.append({ at: at(8) });
    await Promise.all(rows.map((row) => row.durable()));
    const ids = rows.map(({ callId }) => callId);
    const [bare, ended, forgotten, live, foreign] = ids;
    await execute('delete from call_snapshots where call_id = ?', [bare]);
    await execute(`update call_snapshots set state = 'ended' where call_id = ?`, [ended]);
    await execute(`update call_snapshots set node_id = 'node-2' where call_id = ?`, [foreign]);

    const settled = await reconciler.settleOrphans({ isLive: (callId) => callId === live });

    expect(settled.map(({ callId }) => callId).toSorted()).toEqual(ids.slice(0, 3).toSorted());
    for (const callId of [bare, ended, forgotten]) {
      expect(await calls.find(callId as CallId)).toMatchObject({ status: 'answered', endedAt: at(8) });
    }
    for (const callId of [live, foreign]) {
      expect(await calls.find(callId as CallId)).toMatchObject({ status: 'in_call', endedAt: null });
    }
    expect(await reconciler.settleOrphans({ isLive: (callId) => callId === live })).toEqual([]);
  });

  it('C15: never settles a call that is written between the question and the answer', async () => {
    const call = beginCall(journal, { status: 'in_call' });
    call.append();
    await call.durable();
    const judged = await findOrphans(database, 'node-1');
    call.append();
    await call.durable();
    expect(await settle(database, judged, 'late')).toEqual([]);
    expect(await calls.find(call.callId)).toMatchObject({ status: 'in_call' });
    expect(await reconciler.settleOrphans({ isLive: () => false })).toHaveLength(1);
  });
});
