import { fromCallback } from 'xstate';
import type { CallId } from '#domain/call.ts';
import { isLegFact, isTranscriptFact } from '#domain/leg-facts.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { ResourceLedger } from '#domain/resource-ledger.ts';
import { assemble, createTranscriptAssembly, flushTranscript } from '#domain/transcript-assembly.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import type { TranscriptCommand, TranscriptKeeperEvent } from '#machines/transcription.ports.ts';

export type TranscriptKeeperDeps = {
  link: MediaLink;
  ledger: ResourceLedger;
  /** Idempotent by call and index. */
  saveSegment: (callId: CallId, segment: TranscriptSegment) => Promise<void>;
  /** Told to listeners at once, before it is saved. */
  showSegment: (callId: CallId, segment: TranscriptSegment) => void;
};

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4_000;

/** Keeps the live transcript of one call. Segments are saved one after another; a failed save is tried again. */
export const createTranscriptKeeperActor = ({ link, ledger, saveSegment, showSegment }: TranscriptKeeperDeps) =>
  fromCallback<TranscriptCommand, { callId: CallId; firstIndex: number }>(({ input, sendBack, receive }) => {
    const { callId, firstIndex } = input;
    const tell = (event: TranscriptKeeperEvent) => sendBack(event);
    const assembly = createTranscriptAssembly(firstIndex);
    const stopped = new AbortController();
    using opening = new DisposableStack();
    let saved = 0;
    let queue = Promise.resolve();

    const saveUntilKept = async (segment: TranscriptSegment) => {
      for (let wait = FIRST_RETRY_MS; !stopped.signal.aborted; wait = Math.min(LONGEST_RETRY_MS, wait * 2)) {
        try {
          await saveSegment(callId, segment);
          saved += 1;
          tell({ type: 'transcript.segmentKept', index: segment.index });
          return;
        } catch (error) {
          tell({ type: 'transcript.keepFailed', index: segment.index, error: String(error) });
          await pause(wait, stopped.signal);
        }
      }
    };
    const keep = (segments: readonly TranscriptSegment[]) => {
      for (const segment of segments) {
        showSegment(callId, segment);
        queue = queue.then(() => saveUntilKept(segment));
      }
    };

    opening.use(ledger.register(callId, 'transcript keeper', () => stopped.abort()));
    opening.use(
      link.subscribe(callId, ({ fact }) => {
        if (isTranscriptFact(fact) || isLegFact(fact)) keep(assemble(assembly, fact));
      }),
    );
    opening.defer(() => stopped.abort());

    receive(() => {
      keep(flushTranscript(assembly));
      queue = queue.then(() => {
        if (!stopped.signal.aborted) tell({ type: 'transcript.flushed', segments: saved });
      });
    });

    const opened = opening.move();
    return () => opened.dispose();
  });

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
