import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createReconciler, type Reconciler } from '#persistence/reconciler.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const nobody = { isLive: () => false };
const START = '2025-12-01T12:04:23.118Z';

describe('adoption of recordings without a row', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let sessions: string;
  let reconciler: Reconciler;

  const open = () => createReconciler({ database, nodeId: 'node-1', log: silentLog });
  const putFolder = async (files: Record<string, string> = {}, id: string = randomUUID()): Promise<CallId> => {
    await mkdir(path.join(sessions, id), { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(sessions, id, name), content);
    return id as CallId;
  };
  const adopt = async (each = reconciler, liveness: { isLive: (callId: CallId) => boolean } = nobody) =>
    (await each.adoptOrphanRecordings(sessions, liveness)).map(({ callId }) => callId);
  const count = async () => (await database.fork().execute('select 1 from call_sessions')).length;

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    sessions = path.join(await mkdtemp(path.join(tmpdir(), 'adoption-test-')), 'sessions');
    reconciler = open();
  });
  afterEach(async () => {
    await database.close();
    await testDatabase.drop();
    await rm(path.dirname(sessions), { recursive: true, force: true });
  });

  it('D15: makes one row of each folder, completed, with the times and the files that it holds', async () => {
    await database
      .fork()
      .execute(`insert into users (id, username, email, hashed_password, role) values (7, 'u', 'u@x', '', 'admin')`);
    const info = { start_time: START, end_time: '2025-12-01T12:05:00Z', caller_id: '+1555\0', owner_id: 7 };
    const callId = await putFolder({ 'session_info.json': JSON.stringify(info), 'mixed_20251201_120423.wav': 'x' });
    expect(await adopt()).toEqual([callId]);
    expect(await createCallsRepository(database).find(callId)).toEqual({
      callId,
      direction: 'inbound',
      status: 'completed',
      callerNumber: '+1555\uFFFD',
      calledNumber: null,
      sipCallId: '',
      startedAt: new Date(START),
      answeredAt: null,
      endedAt: new Date('2025-12-01T12:05:00Z'),
      cause: null,
      causeDetail: null,
      answeredBy: null,
      outcome: null,
      recordingPath: `sessions/${callId}/mixed_20251201_120423.wav`,
    });
    expect(await createRecordingsRepository(database).find(callId)).toMatchObject({
      state: 'published',
      files: { mixed: { fileName: 'mixed_20251201_120423.wav', bytes: 1 } },
    });
    const [row] = await database.fork().execute('select owner_id, session_info from call_sessions');
    expect(row).toMatchObject({ owner_id: 7, session_info: { start_time: START } });
    expect(await adopt()).toEqual([]);
    expect(await adopt(open())).toEqual([]);
    expect(await count()).toBe(1);
  });

  it('D15: makes one row when several do it at once, and leaves rows alone that are there', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => putFolder()));
    const adopted = await Promise.all([1, 2, 3].map(() => adopt(open())));
    expect(adopted.flat().toSorted()).toEqual(ids.toSorted());
    expect(await count()).toBe(20);
  });

  it('leaves calls alone that are live or spooled, and adopts them when they are not any more', async () => {
    const callId = await putFolder();
    expect(await adopt(reconciler, { isLive: () => true })).toEqual([]);
    expect(await adopt()).toEqual([callId]);
  });

  it('M10: names the recording that was never finished, for repair', async () => {
    const info = JSON.stringify({ start_time: START });
    const callId = await putFolder({ 'session_info.json': info, 'recording.partial.wav': 'x' });
    const file = path.join(sessions, callId, 'recording.partial.wav');
    expect(await reconciler.adoptOrphanRecordings(sessions, nobody)).toEqual([
      { callId, recording: { path: file, startedAt: new Date(START) } },
    ]);
    expect(await createRecordingsRepository(database).find(callId)).toMatchObject({ state: 'failed' });
  });

  it('takes folders of older systems, and nothing that is no session folder', async () => {
    await putFolder({}, 'legacy_call-17');
    await putFolder({}, 'name with spaces');
    await putFolder({}, '.trash');
    await writeFile(path.join(sessions, 'file'), 'x');
    expect(await adopt()).toEqual(['legacy_call-17']);
    expect(await reconciler.adoptOrphanRecordings(path.join(sessions, 'missing'), nobody)).toEqual([]);
  });
});
