/** `transcript_segments`: what was said, turn by turn. */
import { defineEntity, p } from '@mikro-orm/core';
import type { Speaker } from '#domain/transcript.ts';

export const TranscriptSegmentRow = defineEntity({
  name: 'TranscriptSegmentRow',
  tableName: 'transcript_segments',
  properties: {
    callId: p.text().primary(),
    index: p.integer().primary(),
    speaker: p.text().$type<Speaker>().check(`speaker in ('agent', 'user')`),
    text: p.text(),
    startMs: p.integer(),
    endMs: p.integer(),
    interrupted: p.boolean(),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});
