/** How the frames of events get to one reader: each at once, or gathered, so that a busy system tells it a few times a second at most. */
import type { Readable } from 'node:stream';
import type { CallId } from '#domain/call.ts';

export type Frame = {
  sequence: number;
  /** Null: of no call. */
  callId: CallId | null;
  /** Whose it is; null: nobody's. */
  ownerId: number | null;
  event: string;
  /** What a newer frame about the same makes worthless; null: nothing does. */
  subject: string | null;
  text: string;
};

export type EventOutlet = Disposable & { put(frame: Frame): void; putText(text: string): void };

/** What happens together is told together, also at the end of a quiet time. */
const GATHER_MS = 50;

/** A reader that has this much left to read when there is more to tell is cut off. `everyMs` null: nothing is gathered. */
export const createEventOutlet = (
  stream: Readable,
  { everyMs, maxBufferedBytes }: { everyMs: number | null; maxBufferedBytes: number },
): EventOutlet => {
  const waiting = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;

  const putText = (text: string) => {
    if (stream.destroyed) return;
    if (stream.readableLength > maxBufferedBytes) stream.destroy();
    else stream.push(text);
  };

  const schedule = (ms: number) => {
    timer = setTimeout(flush, ms).unref();
  };

  const flush = () => {
    timer = null;
    if (waiting.size === 0) return;
    const text = [...waiting.values()].join('');
    waiting.clear();
    putText(text);
    if (everyMs !== null) schedule(everyMs);
  };

  return {
    putText,
    put: ({ sequence, subject, text }) => {
      if (everyMs === null) {
        putText(text);
        return;
      }
      const key = subject ?? String(sequence);
      // Where a newer one takes its place it goes last, so that ids only rise.
      waiting.delete(key);
      waiting.set(key, text);
      if (!timer) schedule(Math.min(GATHER_MS, everyMs));
    },
    [Symbol.dispose]: () => {
      if (timer) clearTimeout(timer);
    },
  };
};
