/** Keeps what was said, segment by segment. */
import type { CallId } from '#domain/call.ts';
import { cleanText } from '#domain/serialise-event.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import { TranscriptSegmentRow } from './entities/transcript-segment.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type TranscriptsRepository = {
  /** Idempotent by call and index: a later version of a segment replaces the earlier one. */
  saveSegment(callId: CallId, segment: TranscriptSegment): Promise<void>;
  /** In the order spoken. */
  list(callId: CallId): Promise<readonly TranscriptSegment[]>;
};

/** All methods reject with `DatabaseError`. */
export const createTranscriptsRepository = (database: DatabaseAccess): TranscriptsRepository => ({
  saveSegment: (callId, { index, speaker, text, startMs, endMs, interrupted }) =>
    guarded(database, async (em) => {
      await em.upsert(TranscriptSegmentRow, {
        callId,
        index,
        speaker,
        text: cleanText(text),
        startMs: Math.round(startMs),
        endMs: Math.round(endMs),
        interrupted,
      });
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
