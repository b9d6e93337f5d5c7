/** Keeps what became of each call's recording. */
import type { InferEntity } from '@mikro-orm/core';
import { type Generated, sql } from 'kysely';
import type { CallId } from '#domain/call.ts';
import type { RecordingRecord, RecordingState } from '#domain/records.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { RecordingRow } from './entities/recording.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

type Row = InferEntity<typeof RecordingRow>;

type RecordingTables = {
  recordings: {
    call_id: string;
    state: RecordingState;
    path: string | null;
    started_at: Date | null;
    duration_ms: number | null;
    files: Generated<string>;
    failure_code: string | null;
    failure_message: string | null;
    updated_at: Generated<Date>;
  };
};

export type StartedRecording = { path: string; startedAt: Date };
export type PublishedRecording = { startedAt: Date; durationMs: number; files: RecordingRecord['files'] };
export type RecordingFailure = { code: string; message: string };

/** Each method may come first and may come again: what it says holds afterwards. */
export type RecordingsRepository = {
  /** `path` is that of the file being written. */
  started(callId: CallId, recording: StartedRecording): Promise<void>;
  /** The worker has closed the file; the derived ones are being made. */
  finalising(callId: CallId): Promise<void>;
  published(callId: CallId, recording: PublishedRecording): Promise<void>;
  failed(callId: CallId, failure: RecordingFailure): Promise<void>;
  find(callId: CallId): Promise<RecordingRecord | null>;
};

const toRecord = (row: Row, callId: CallId): RecordingRecord => ({
  callId,
  state: row.state,
  startedAt: row.startedAt ?? null,
  durationMs: row.durationMs ?? null,
  files: row.files,
  failure: typeof row.failureCode !== 'string' ? null : { code: row.failureCode, message: row.failureMessage ?? '' },
});

type Columns = Partial<Pick<Row, 'path' | 'startedAt' | 'durationMs' | 'files' | 'failureCode' | 'failureMessage'>>;

/** The unit of work would cost the control thread twenty times as much for each call. */
const columnsOf = (state: RecordingState, columns: Columns) => ({
  state,
  ...('path' in columns && { path: columns.path ?? null }),
  ...('startedAt' in columns && { started_at: columns.startedAt ?? null }),
  ...('durationMs' in columns && { duration_ms: columns.durationMs ?? null }),
  ...('files' in columns && { files: JSON.stringify(columns.files) }),
  ...('failureCode' in columns && { failure_code: columns.failureCode ?? null }),
  ...('failureMessage' in columns && { failure_message: columns.failureMessage ?? null }),
});

/** All methods reject with `DatabaseError`. */
export const createRecordingsRepository = (database: DatabaseAccess): RecordingsRepository => {
  const save = (callId: CallId, state: RecordingState, columns: Columns = {}) =>
    guarded(database, async (em) => {
      const values = columnsOf(state, columns);
      await em
        .getKysely<RecordingTables>()
        .insertInto('recordings')
        .values({ call_id: callId, ...values })
        .onConflict((conflict) => conflict.column('call_id').doUpdateSet({ ...values, updated_at: sql`now()` }))
        .execute();
    });

  return {
    started: (callId, { path, startedAt }) => save(callId, 'writing', { path: cleanText(path), startedAt }),
    finalising: (callId) => save(callId, 'finalising'),
    published: (callId, { startedAt, durationMs, files }) =>
      save(callId, 'published', {
        path: null,
        startedAt,
        durationMs: Math.round(durationMs),
        files,
        failureCode: null,
        failureMessage: null,
      }),
    failed: (callId, { code, message }) =>
      save(callId, 'failed', { failureCode: cleanText(code), failureMessage: cleanText(message) }),
    find: (callId) =>
      guarded(database, async (em) => {
        const row = await em.findOne(RecordingRow, { callId });
        return row && toRecord(row, callId);
      }),
  };
};
