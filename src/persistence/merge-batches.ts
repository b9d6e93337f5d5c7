/** Fewer and larger statements for the replay of many small batches. Pure. */
import type { CallId } from '#domain/call.ts';
import type { Batch, CallPart } from './journal-batch.ts';

/** What a call's parts say together: all entries, and of everything else the last word. */
const join = (earlier: CallPart, later: CallPart): CallPart => ({
  ...later,
  context: later.context ?? earlier.context,
  row: later.row ?? earlier.row,
  entries: [...earlier.entries, ...later.entries],
});

/** Parts of one call become one part; the order of each call is kept. One epoch for each call is expected. */
export const mergeBatches = (batches: readonly Batch[]): CallPart[] => {
  const merged = new Map<CallId, CallPart>();
  for (const part of batches.flat()) {
    const earlier = merged.get(part.callId);
    merged.set(part.callId, earlier ? join(earlier, part) : part);
  }
  return [...merged.values()];
};
