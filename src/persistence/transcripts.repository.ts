/** Keeps what was said, segment by segment. */
import type { CallId } from '#domain/call.ts';
import { cleanText } from '#domain/serialise-event.ts';
import type { Speaker, TranscriptSegment } from '#domain/transcript.ts';
import { TranscriptSegmentRow } from './entities/transcript-segment.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type TranscriptsRepository = {
  /** Idempotent by call and index: a later version of a segment replaces the earlier one. */
  saveSegment(callId: CallId, segment: TranscriptSegment): Promise<void>;
  /** In the order spoken. */
  list(callId: CallId): Promise<readonly TranscriptSegment[]>;
};

type TranscriptTables = {
  transcript_segments: {
    call_id: string;
    index: number;
    speaker: Speaker;
    text: string;
    start_ms: number;
    end_ms: number;
    interrupted: boolean;
  };
};

/** All methods reject with `DatabaseError`. */
export const createTranscriptsRepository = (database: DatabaseAccess): TranscriptsRepository => ({
  saveSegment: (callId, { index, speaker, text, startMs, endMs, interrupted }) =>
    guarded(database, async (em) => {
      const values = {
        speaker,
        text: cleanText(text),
        start_ms: Math.round(startMs),
        end_ms: Math.round(endMs),
        interrupted,
      };
      await em
        .getKysely<TranscriptTables>()
        .insertInto('transcript_segments')
        .values({ call_id: callId, index, ...values })
        .onConflict((conflict) => conflict.columns(['call_id', 'index']).doUpdateSet(values))
        .execute();
    }),
  list: (callId) =>
    guarded(database, async (em) => {
      const rows = await em.find(
        TranscriptSegmentRow,
        { callId },
        { orderBy: { index: 'asc' }, disableIdentityMap: true },
      );
      return rows.map(({ index, speaker, text, startMs, endMs, interrupted }) => ({
        index,
        speaker,
        text,
        startMs,
        endMs,
        interrupted,
      }));
    }),
});
