/** `recordings`: the audio of a call and what became of it. */
import { defineEntity, p } from '@mikro-orm/core';
import type { RecordingRecord, RecordingState } from '#domain/records.ts';

export const RecordingRow = defineEntity({
  name: 'RecordingRow',
  tableName: 'recordings',
  properties: {
    callId: p.text().primary(),
    state: p
      .text()
      .$type<RecordingState>()
      .check(`state in ('writing', 'finalising', 'published', 'repairing', 'failed')`),
    /** Of the file being written, for repair after a crash. */
    path: p.text().nullable(),
    startedAt: p.datetime(3).nullable(),
    durationMs: p.integer().nullable(),
    files: p.json().$type<RecordingRecord['files']>().defaultRaw(`'{}'`),
    failureCode: p.text().nullable(),
    failureMessage: p.text().nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
    updatedAt: p.datetime(3).defaultRaw('now()'),
  },
});
