/** What was said in live calls, for a fresh model session: out of the database, or out of memory when that is out. */
import type { CallId } from '#domain/call.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';

export type ConversationMemory = {
  note(callId: CallId, segment: TranscriptSegment): void;
  forget(callId: CallId): void;
  /** Never rejects, and never takes long. */
  historyOf(callId: CallId): Promise<readonly TranscriptSegment[]>;
};

export type ConversationMemoryOptions = {
  list: (callId: CallId) => Promise<readonly TranscriptSegment[]>;
  patienceMs?: number;
};

/** The caller waits meanwhile. */
const PATIENCE_MS = 1_000;

/** In the place of a conversation that nobody can tell: without any history the model would begin with a greeting. */
const FORGOTTEN: TranscriptSegment = {
  index: 0,
  speaker: 'agent',
  text: '(This conversation is going on; what was said in it is not at hand.)',
  startMs: 0,
  endMs: 0,
  interrupted: false,
};

export const createConversationMemory = (options: ConversationMemoryOptions): ConversationMemory => {
  const { list, patienceMs = PATIENCE_MS } = options;
  const heard = new Map<CallId, Map<number, TranscriptSegment>>();

  const kept = async (callId: CallId): Promise<readonly TranscriptSegment[]> => {
    const late = Promise.withResolvers<readonly TranscriptSegment[]>();
    const timer = setTimeout(() => late.resolve([]), patienceMs);
    const segments = await Promise.race([list(callId).catch(() => []), late.promise]);
    clearTimeout(timer);
    return segments;
  };

  return {
    note: (callId, segment) => {
      const segments = heard.get(callId) ?? new Map<number, TranscriptSegment>();
      heard.set(callId, segments.set(segment.index, segment));
    },
    forget: (callId) => void heard.delete(callId),
    historyOf: async (callId) => {
      const written = await kept(callId);
      const byIndex = new Map(written.map((segment) => [segment.index, segment]));
      // What was heard last may not be written yet.
      for (const [index, segment] of heard.get(callId) ?? []) byIndex.set(index, segment);
      const segments = [...byIndex.values()].toSorted((left, right) => left.startMs - right.startMs);
      return segments.length === 0 ? [FORGOTTEN] : segments;
    },
  };
};
