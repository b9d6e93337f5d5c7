import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { openDatabase, type Database } from '#persistence/database.ts';
import { createJournal } from '#persistence/journal.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';
import { createHttpFixture, NOON, transition } from '../fakes/http.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../fixtures/test-database.ts';

let place: TestDatabase;
let database: Database;

beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

const start = () => {
  const calls = createCallsRepository(database);
  const transcripts = createTranscriptsRepository(database);
  const recordings = createRecordingsRepository(database);
  const records = {
    list: calls.list,
    find: calls.find,
    ownerOf: calls.ownerOf,
    timeline: calls.timeline,
    transcript: transcripts.list,
    recording: recordings.find,
  };
  return { ...createHttpFixture({ records }), transcripts, recordings };
};

const newId = () => randomUUID() as CallId;

/** Commits calls as a live call does: the row with its first transitions, before any answer. */
const commitCalls = async (calls: readonly { callId: CallId; startedAt: number }[]) => {
  const runner = createStatementRunner({ url: place.url, poolSize: 1, timeoutMs: 10_000, log: silentLog });
  const journal = createJournal({ run: runner.run, log: silentLog });
  for (const { callId, startedAt } of calls) {
    journal.begin(callId, () => ({
      seq: 2,
      epoch: 1,
      nodeId: randomUUID(),
      machineVersion: 1,
      state: 'opening',
      context: {},
      row: {
        direction: 'inbound',
        status: 'ringing',
        callerNumber: '+359888123456',
        calledNumber: '+35924000000',
        sipCallId: callId,
        startedAt: new Date(startedAt),
        answeredAt: null,
        endedAt: null,
        cause: null,
        causeDetail: null,
        answeredBy: null,
        outcome: null,
        recordingPath: null,
      },
    }));
    for (const seq of [1, 2]) journal.append({ ...transition(0, seq), callId });
    await journal.durable(callId, { timeoutMs: 5_000 });
  }
  await journal.close({ timeoutMs: 5_000 });
  await runner.close();
};

it('S1: a call is found in full from the moment its row is committed', async () => {
  const { get, transcripts, recordings } = start();
  const callId = newId();
  await commitCalls([{ callId, startedAt: NOON - 86_400_000 }]);
  const segment = { index: 0, speaker: 'user' as const, text: 'Ало? 🙂', startMs: 0, endMs: 700, interrupted: false };
  await transcripts.saveSegment(callId, segment);
  await recordings.failed(callId, { code: 'ENOSPC', message: 'no space' });

  const detail = await get(`/api/v1/calls/${callId}`);
  expect([detail.statusCode, detail.json()]).toMatchObject([
    200,
    {
      callId,
      status: 'ringing',
      startedAt: '2026-11-19T12:00:00.000Z',
      recording: { state: 'failed', failureCode: 'ENOSPC' },
    },
  ]);
  const timeline = (await get(`/api/v1/calls/${callId}/timeline?limit=1`)).json();
  const rest = (await get(`/api/v1/calls/${callId}/timeline?cursor=${timeline.nextCursor}`)).json();
  expect([...timeline.transitions, ...rest.transitions].map(({ seq, at }) => [seq, at])).toEqual([
    [1, '2026-11-20T12:00:00.001Z'],
    [2, '2026-11-20T12:00:00.002Z'],
  ]);
  expect((await get(`/api/v1/calls/${callId}/transcript`)).json().segments).toEqual([segment]);
  expect((await get(`/api/v1/calls/${callId}/recording`)).json().code).toBe('recording_failed');
});

it('walks the list page by page, also over calls that began in the same millisecond', async () => {
  const { get } = start();
  const calls = [0, 0, 0, 1, 2].map((startedAt) => ({ callId: newId(), startedAt: NOON + startedAt }));
  await commitCalls(calls);
  const seen: CallId[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const from = `startedFrom=2026-11-20T12:00:00Z&limit=2${cursor && `&cursor=${cursor}`}`;
    const page: { calls: { callId: CallId }[]; nextCursor: string | null } = (
      await get(`/api/v1/calls?${from}`)
    ).json();
    seen.push(...page.calls.map(({ callId }) => callId));
    cursor = page.nextCursor;
  }
  const newestFirst = calls.toSorted((a, b) => b.startedAt - a.startedAt || (a.callId < b.callId ? 1 : -1));
  expect(seen).toEqual(newestFirst.map(({ callId }) => callId));
});

it('answers 404 for an id that no row has', async () => {
  const { get } = start();
  expect((await get(`/api/v1/calls/${newId()}`)).json().code).toBe('call_not_found');
});
