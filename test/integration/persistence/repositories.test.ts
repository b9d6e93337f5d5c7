import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { CallQuery } from '#domain/records.ts';
import { createCallsRepository, type CallsRepository } from '#persistence/calls.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createJournal, type PostgresJournal } from '#persistence/journal.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { createStatementRunner, type StatementRunner } from '#persistence/statement-runner.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { beginCall, STARTED_AT } from '../../fixtures/journalled-call.ts';
import { createTcpProxy } from '../../fixtures/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const EVERYTHING: CallQuery = {
  scope: { kind: 'everyone' },
  status: null,
  direction: null,
  number: null,
  startedFrom: null,
  startedBefore: null,
  after: null,
  limit: 100,
};
const at = (seconds: number) => new Date(STARTED_AT.getTime() + seconds * 1_000);

describe('repositories', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let runner: StatementRunner;
  let journal: PostgresJournal;
  let calls: CallsRepository;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    runner = createStatementRunner({ url: testDatabase.url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
    journal = createJournal({ run: runner.run, log: silentLog });
    calls = createCallsRepository(database);
  });
  afterAll(async () => {
    await journal.close({ timeoutMs: 1_000 });
    await runner.close();
    await database.close();
    await testDatabase.drop();
  });

  describe('calls', () => {
    let ids: CallId[];
    const listed = async (query: Partial<CallQuery>) => {
      const records = await calls.list({ ...EVERYTHING, ...query });
      return records.map(({ callId }) => ids.indexOf(callId));
    };

    beforeAll(async () => {
      // Two of the same millisecond, so that only the id decides between them.
      const sameTime = [randomUUID(), randomUUID()].toSorted() as CallId[];
      const rows = [
        beginCall(journal, { startedAt: at(0), status: 'answered', callerNumber: '+1555' }),
        beginCall(journal, { startedAt: at(10), direction: 'outbound', calledNumber: '+1555' }),
        beginCall(journal, { startedAt: at(20), status: 'failed' }, sameTime[0]),
        beginCall(journal, { startedAt: at(20) }, sameTime[1]),
      ];
      await Promise.all(rows.map((row) => row.durable()));
      ids = rows.map(({ callId }) => callId);
    });

    it('are listed newest first, with the id deciding between equal times', async () => {
      expect(await listed({})).toEqual([3, 2, 1, 0]);
    });

    it('are listed page by page without a repetition or a gap', async () => {
      const first = await calls.list({ ...EVERYTHING, limit: 2 });
      const last = first.at(-1);
      expect(last && (await listed({ after: { startedAt: last.startedAt, callId: last.callId } }))).toEqual([1, 0]);
      expect(await listed({ after: { startedAt: at(20), callId: ids[3] as CallId } })).toEqual([2, 1, 0]);
    });

    it('are filtered by status, direction, either number and start', async () => {
      expect(await listed({ status: 'failed' })).toEqual([2]);
      expect(await listed({ direction: 'outbound' })).toEqual([1]);
      expect(await listed({ number: '+1555' })).toEqual([1, 0]);
      expect(await listed({ startedFrom: at(10), startedBefore: at(20) })).toEqual([1]);
      expect(await listed({ direction: 'inbound', status: 'answered', number: '+1555' })).toEqual([0]);
      expect(await calls.count({ ...EVERYTHING, direction: 'inbound' })).toBe(3);
    });

    it('are found by id, and unknown ones are not', async () => {
      expect(await calls.find(ids[0] as CallId)).toMatchObject({ status: 'answered', startedAt: at(0) });
      expect(await calls.find(randomUUID() as CallId)).toBeNull();
    });

    it('tell their transitions page by page', async () => {
      const call = beginCall(journal, { startedAt: at(-100) });
      const entries = [
        call.append({ fromState: null }),
        call.append({ event: ['a', 1, null] }),
        call.append({ ignored: true }),
      ];
      await call.durable();
      expect(await calls.timeline(call.callId, { afterSeq: null, limit: 2 })).toEqual(entries.slice(0, 2));
      expect(await calls.timeline(call.callId, { afterSeq: 2, limit: 2 })).toEqual(entries.slice(2));
    });
  });

  it('S3: keep transcripts in order, whatever script, each segment in its last version', async () => {
    const transcripts = createTranscriptsRepository(database);
    const callId = randomUUID() as CallId;
    const segment = (index: number, text: string) =>
      ({ index, speaker: 'agent', text, startMs: 10, endMs: 20, interrupted: false }) as const;
    await transcripts.saveSegment(callId, segment(1, 'Добър ден\0\uD800'));
    await transcripts.saveSegment(callId, { ...segment(0, 'مرحبا 😀'), speaker: 'user', startMs: 1.4, endMs: 9.6 });
    await transcripts.saveSegment(callId, { ...segment(1, 'Добър вечер'), interrupted: true });

    expect(await transcripts.list(callId)).toEqual([
      { index: 0, speaker: 'user', text: 'مرحبا 😀', startMs: 1, endMs: 10, interrupted: false },
      { index: 1, speaker: 'agent', text: 'Добър вечер', startMs: 10, endMs: 20, interrupted: true },
    ]);
    expect(await transcripts.list(randomUUID() as CallId)).toEqual([]);
  });

  it('keep what became of a recording', async () => {
    const recordings = createRecordingsRepository(database);
    const callId = randomUUID() as CallId;
    expect(await recordings.find(callId)).toBeNull();

    await recordings.started(callId, { path: 'recording.partial.wav', startedAt: at(1) });
    const writing = { callId, state: 'writing', startedAt: at(1), durationMs: null, files: {}, failure: null };
    expect(await recordings.find(callId)).toEqual(writing);

    const failure = { code: 'ENOSPC', message: 'no space left on device' };
    await recordings.failed(callId, failure);
    expect(await recordings.find(callId)).toEqual({ ...writing, state: 'failed', failure });

    const files = { stereo: { fileName: 'stereo_20260304_050607.wav', bytes: 44, sha256: 'ab' } };
    await recordings.published(callId, { startedAt: at(1), durationMs: 1_234.4, files });
    expect(await recordings.find(callId)).toEqual({ ...writing, state: 'published', durationMs: 1_234, files });

    // Said before, written after: an outage turns the order round.
    await recordings.started(callId, { path: 'recording.partial.wav', startedAt: at(1) });
    await recordings.failed(callId, failure);
    expect(await recordings.find(callId)).toEqual({ ...writing, state: 'published', durationMs: 1_234, files });
  });

  it('say that the database cannot be reached with the code that HTTP answers with 503', async () => {
    const direct = new URL(testDatabase.url);
    const proxy = await createTcpProxy(Number(direct.port));
    const url = Object.assign(direct, { port: String(proxy.port) }).href;
    const lost = await openDatabase({ url, log: silentLog });
    await proxy.cut();
    await expect(createCallsRepository(lost).list(EVERYTHING)).rejects.toMatchObject({
      name: 'DatabaseError',
      code: 'unavailable',
    });
    await proxy.restore();
    expect(await createCallsRepository(lost).count({ ...EVERYTHING, number: 'nobody' })).toBe(0);
    await lost.close();
    await proxy.close();
  });
});
