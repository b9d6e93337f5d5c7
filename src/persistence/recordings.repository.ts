/** Keeps what became of each call's recording. */
import type { InferEntity } from '@mikro-orm/core';
import { type Generated, sql } from 'kysely';
import type { CallId } from '#domain/call.ts';
import type { RecordingRecord, RecordingState } from '#domain/records.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { RecordingRow } from './entities/recording.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

type Row = InferEntity<typeof RecordingRow>;

type Columns = {
  state: RecordingState;
  path: string | null;
  started_at: Date | null;
  duration_ms: number | null;
  files: string;
  failure_code: string | null;
  failure_message: string | null;
};
type Tables = {
  recordings: Partial<Columns> & { call_id: string; state: RecordingState; updated_at: Generated<Date> };
};

export type StartedRecording = { path: string; startedAt: Date };
export type PublishedRecording = { startedAt: Date; durationMs: number; files: RecordingRecord['files'] };
export type RecordingFailure = { code: string; message: string };

/** Each method may come first and may come again: what it says holds afterwards, but nothing undoes what was published. */
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

/** All methods reject with `DatabaseError`. */
export const createRecordingsRepository = (database: DatabaseAccess): RecordingsRepository => {
  // The unit of work would cost the control thread a multiple.
  const save = (callId: CallId, columns: Partial<Columns> & Pick<Columns, 'state'>) =>
    guarded(database, async (em) => {
      await em
        .getKysely<Tables>()
        .insertInto('recordings')
        .values({ call_id: callId, ...columns })
        .onConflict((conflict) =>
          conflict
            .column('call_id')
            .doUpdateSet({ ...columns, updated_at: sql`now()` })
            .where((row) =>
              row.or([row.val(columns.state === 'published'), row('recordings.state', '<>', 'published')]),
            ),
        )
        .execute();
    });

  return {
    started: (callId, { path, startedAt }) =>
      save(callId, { state: 'writing', path: cleanText(path), started_at: startedAt }),
    finalising: (callId) => save(callId, { state: 'finalising' }),
    published: (callId, { startedAt, durationMs, files }) =>
      save(callId, {
        state: 'published',
        path: null,
        started_at: startedAt,
        duration_ms: Math.round(durationMs),
        files: JSON.stringify(files),
        failure_code: null,
        failure_message: null,
      }),
    failed: (callId, { code, message }) =>
      save(callId, { state: 'failed', failure_code: cleanText(code), failure_message: cleanText(message) }),
    find: (callId) =>
      guarded(database, async (em) => {
        const row = await em.findOne(RecordingRow, { callId });
        return row && toRecord(row, callId);
      }),
  };
};
