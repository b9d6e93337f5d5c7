import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import { createJournal, type JournalOptions, type PostgresJournal } from '#persistence/journal.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { createStatementRunner, type StatementRunner } from '#persistence/statement-runner.ts';
import { createRecordingLog, silentLog } from '../../fakes/silent-log.ts';
import { beginCall, STARTED_AT } from '../../fixtures/journalled-call.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

describe('journal', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let runner: StatementRunner;
  let journal: PostgresJournal;

  const open = (options: Partial<JournalOptions> = {}) =>
    createJournal({ run: runner.run, log: silentLog, ...options });
  const seqsOf = async (callId: CallId) => {
    const rows = await createCallsRepository(database).timeline(callId, { afterSeq: null, limit: 10_000 });
    return rows.map(({ seq }) => seq);
  };
  const snapshotOf = async (callId: CallId) => {
    const [row] = await database
      .fork()
      .execute<{ seq: number; epoch: number; state: string; context: unknown }[]>(
        'select seq, epoch, state, context from call_snapshots where call_id = ?',
        [callId],
      );
    return row;
  };
  /** A runner whose first statement is committed, but whose answer is lost. */
  const losingFirstAnswer = (): RunStatement => {
    let isFirst = true;
    return async (sql, parameters) => {
      const rows = await runner.run(sql, parameters);
      if (!isFirst) return rows as never;
      isFirst = false;
      throw new DatabaseError('unavailable', 'Connection terminated unexpectedly.');
    };
  };

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    runner = createStatementRunner({ url: testDatabase.url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
  });
  afterAll(async () => {
    await runner.close();
    await database.close();
    await testDatabase.drop();
  });
  beforeEach(() => {
    journal = open();
  });
  afterEach(() => journal.close({ timeoutMs: 5_000 }));

  it('S1: when the first barrier resolves, the row, the snapshot and the transitions are there under the same id', async () => {
    const call = beginCall(journal);
    call.state.context = { ssrc: 7 };
    const entry = call.append();
    await call.durable();

    const calls = createCallsRepository(database);
    expect(await calls.find(call.callId)).toEqual({ callId: call.callId, ...call.state.row });
    expect(await snapshotOf(call.callId)).toEqual({ seq: 1, epoch: 1, state: 'state-1', context: { ssrc: 7 } });
    expect(await calls.timeline(call.callId, { afterSeq: null, limit: 10 })).toEqual([entry]);
  });

  it('S1: writes nothing of a call before its first barrier', async () => {
    const silent = beginCall(journal);
    const other = beginCall(journal);
    silent.append();
    other.append();
    await other.durable();

    expect(await createCallsRepository(database).find(silent.callId)).toBeNull();
    expect(await seqsOf(silent.callId)).toEqual([]);
  });

  it('creates the row of a call without transitions, and takes the first of them later', async () => {
    const call = beginCall(journal);
    await call.durable();
    expect(await createCallsRepository(database).find(call.callId)).not.toBeNull();
    call.append();
    await call.durable();
    expect(await seqsOf(call.callId)).toEqual([1]);
  });

  it('writes appended transitions without being asked', async () => {
    const call = beginCall(journal);
    await call.durable();
    for (let count = 0; count < 3; count++) call.append();
    await expect.poll(() => seqsOf(call.callId)).toEqual([1, 2, 3]);
  });

  it('updates the row with the call, in times of milliseconds', async () => {
    const call = beginCall(journal);
    await call.durable();
    Object.assign(call.state.row, {
      status: 'answered',
      answeredAt: new Date(STARTED_AT.getTime() + 1_234),
      endedAt: new Date(STARTED_AT.getTime() + 61_001),
      cause: 'callerHungUp',
      causeDetail: 'Normal call clearing',
      outcome: { result: 'interested', notes: 'ще се обади 📞' },
      recordingPath: 'sessions/x/recording.wav',
    });
    call.append();
    await call.durable();
    expect(await createCallsRepository(database).find(call.callId)).toEqual({ callId: call.callId, ...call.state.row });
  });

  it('keeps every transition of many calls, each once, without a gap', async () => {
    journal = open({ maxRows: 17 });
    const calls = Array.from({ length: 40 }, () => beginCall(journal));
    await Promise.all(calls.map((call) => call.durable()));
    for (let round = 0; round < 30; round++) {
      for (const call of calls) call.append();
      if (round % 7 === 0) await calls[round]?.durable();
    }
    await Promise.all(calls.map((call) => call.durable()));

    const expected = Array.from({ length: 30 }, (_, index) => index + 1);
    for (const call of calls) expect(await seqsOf(call.callId)).toEqual(expected);
    expect(journal.statistics()).toMatchObject({ queuedEntries: 0, queuedBytes: 0, dropped: 0, quarantined: 0 });
  });

  it('writes a call with more transitions than one statement takes', async () => {
    journal = open({ maxRows: 10 });
    const call = beginCall(journal);
    for (let count = 0; count < 45; count++) call.append();
    await call.durable();
    expect(await seqsOf(call.callId)).toEqual(Array.from({ length: 45 }, (_, index) => index + 1));
    expect(await snapshotOf(call.callId)).toMatchObject({ seq: 45, state: 'state-45' });
  });

  it('stops writing a call that a newer epoch owns, and says so', async () => {
    const call = beginCall(journal);
    const other = beginCall(journal);
    call.append();
    await Promise.all([call.durable(), other.durable()]);
    await database.fork().execute('update call_snapshots set epoch = 2 where call_id = ?', [call.callId]);

    call.append();
    other.append();
    await expect(call.durable()).rejects.toMatchObject({ name: 'JournalError', code: 'fenced' });
    call.append();
    await expect(call.durable()).rejects.toMatchObject({ code: 'fenced' });
    await other.durable();

    expect(await seqsOf(call.callId)).toEqual([1]);
    expect(await snapshotOf(call.callId)).toMatchObject({ seq: 1, epoch: 2, state: 'state-1' });
    expect(await seqsOf(other.callId)).toEqual([1]);
  });

  it('S1: sends a first barrier of unknown outcome again, and has one row', async () => {
    journal = open({ run: losingFirstAnswer() });
    const call = beginCall(journal);
    call.append();
    await call.durable();
    call.append();
    await call.durable();
    expect(await createCallsRepository(database).find(call.callId)).not.toBeNull();
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
  });

  it('sends a batch of unknown outcome again unchanged, and has each transition once', async () => {
    const call = beginCall(journal);
    await call.durable();
    journal = open({ run: losingFirstAnswer() });
    const recovered = beginCall(journal, {}, call.callId);
    recovered.append();
    recovered.append();
    await recovered.durable();
    recovered.append();
    await recovered.durable();
    expect(await seqsOf(call.callId)).toEqual([1, 2, 3]);
    expect(journal.statistics()).toMatchObject({ retries: 1, quarantined: 0 });
  });

  it('goes on with a call whose row exists already', async () => {
    const call = beginCall(journal);
    call.append();
    await call.durable();
    await database.fork().execute('update call_snapshots set epoch = 2 where call_id = ?', [call.callId]);

    const successor = open();
    const recovered = beginCall(successor, { status: 'in_call' }, call.callId);
    recovered.state.epoch = 2;
    recovered.append({ seq: 2 });
    await recovered.durable();
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
    expect(await createCallsRepository(database).find(call.callId)).toMatchObject({ status: 'in_call' });
    await successor.close({ timeoutMs: 1_000 });
  });

  it('sets a transition aside that the database refuses, with its neighbours and other calls unharmed', async () => {
    const { log, lines } = createRecordingLog();
    journal = open({ log, writers: 1 });
    const poisoned = beginCall(journal);
    const other = beginCall(journal);
    await Promise.all([poisoned.durable(), other.durable()]);

    for (let count = 1; count <= 9; count++) {
      poisoned.append(count === 4 ? { incarnation: 3_000_000_000 } : {});
      other.append();
    }
    await Promise.all([expect(poisoned.durable()).rejects.toMatchObject({ code: 'rejected' }), other.durable()]);
    poisoned.append();
    await poisoned.durable();

    expect(await seqsOf(poisoned.callId)).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
    expect(await seqsOf(other.callId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(lines).toEqual([
      {
        level: 'error',
        message: 'journal set aside what the database refuses',
        fields: { callId: poisoned.callId, seq: 4, lost: 'everything', sqlState: '22003' },
      },
    ]);
    expect(journal.statistics()).toMatchObject({ quarantined: 1 });
    expect(journal.isAvailable).toBe(true);
  });

  it('S1: rejects the first barrier of a call whose row the database refuses', async () => {
    const call = beginCall(journal, { status: 'nonsense' as never });
    call.append();
    await expect(call.durable()).rejects.toMatchObject({ code: 'rejected' });
    expect(await createCallsRepository(database).find(call.callId)).toBeNull();
    expect(await seqsOf(call.callId)).toEqual([]);
  });

  it('goes on with a call whose row became impossible: its transitions are kept, its barrier is not', async () => {
    const call = beginCall(journal);
    await call.durable();
    Object.assign(call.state.row, { status: 'nonsense' });
    call.append();
    await expect(call.durable()).rejects.toMatchObject({ code: 'rejected' });
    Object.assign(call.state.row, { status: 'in_call' });
    call.append();
    await call.durable();
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
    expect(await createCallsRepository(database).find(call.callId)).toMatchObject({ status: 'in_call' });
  });

  it('S3: keeps text of every script, and replaces what Postgres cannot hold', async () => {
    const call = beginCall(journal, { causeDetail: 'Абонатът затвори\0\uD800 مرحبا 😀' });
    call.state.context = { text: 'Ω\0\uDC00' };
    call.append({ eventType: 'x\0', event: { text: 'б\0\uD83D', backslash: '\\u0000', pair: '😀' } });
    await call.durable();

    const calls = createCallsRepository(database);
    expect(await calls.find(call.callId)).toMatchObject({ causeDetail: 'Абонатът затвори\uFFFD\uFFFD مرحبا 😀' });
    expect(await snapshotOf(call.callId)).toMatchObject({ context: { text: 'Ω\uFFFD\uFFFD' } });
    expect(await calls.timeline(call.callId, { afterSeq: null, limit: 1 })).toMatchObject([
      { eventType: 'x\uFFFD', event: { text: 'б\uFFFD\uFFFD', backslash: '\\u0000', pair: '😀' } },
    ]);
  });

  it('writes all that was appended before it closes, and refuses barriers afterwards', async () => {
    const call = beginCall(journal);
    await call.durable();
    for (let count = 0; count < 500; count++) call.append();
    await journal.close({ timeoutMs: 10_000 });
    expect(await seqsOf(call.callId)).toHaveLength(500);
    expect(journal.isAvailable).toBe(false);
    await expect(call.durable()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('forgets a call at its end, once its last transitions are written', async () => {
    const call = beginCall(journal);
    await call.durable();
    call.append();
    call.end();
    call.append();
    await expect.poll(() => journal.statistics().calls).toBe(0);
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
    await expect(call.durable()).rejects.toMatchObject({ code: 'rejected' });
  });
});
