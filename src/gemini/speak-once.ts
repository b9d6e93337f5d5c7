/** Has the model speak one sentence and hang up: what greetings are made from. */
import type { LiveConnectionEvents } from '#domain/live-connection.ts';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';
import { GreetingError } from '#domain/greeting.ts';
import { openLiveConnection } from './live-connection.ts';

export type SpokenOnce = {
  /** 24 kHz, mono. */
  pcm24k: Int16Array;
  /** What was said, as far as the model tells. */
  text: string;
};

export type SpeakOnce = (settings: LiveSessionSettings, request: string) => Promise<SpokenOnce>;

const CLOSE_MS = 1_000;
/** Longer than any greeting. */
const MAX_SAMPLES = 24_000 * 60;

const joined = (pieces: readonly Int16Array[]): Int16Array => {
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
};

const ignore = () => {};

/** Rejects with `GreetingError`. The whole of it may take `timeoutMs`. */
export const createSpeakOnce =
  ({ timeoutMs }: { timeoutMs: number }): SpeakOnce =>
  (settings, request) =>
    new Promise((resolve, reject) => {
      const pieces: Int16Array[] = [];
      let samples = 0;
      let text = '';
      let isOpen = false;
      const end = () => {
        clearTimeout(timer);
        connection.close(CLOSE_MS);
      };
      const fail = (code: 'unavailable' | 'failed', message: string) => {
        reject(new GreetingError(code, message));
        end();
      };
      const finish = () => {
        if (pieces.length === 0) return fail('failed', 'The model did not speak.');
        resolve({ pcm24k: joined(pieces), text: text.trim() });
        end();
      };
      const events: LiveConnectionEvents = {
        onOpen: () => {
          isOpen = true;
          connection.sendText(request);
        },
        onAudio: (pcm) => {
          samples += pcm.length;
          if (samples > MAX_SAMPLES) fail('failed', 'The model spoke for too long.');
          else pieces.push(pcm.slice());
        },
        onText: (kind, piece) => {
          if (kind === 'output') text += piece;
        },
        // The turn itself ends only when it would have been heard.
        onGenerationComplete: finish,
        onTurnComplete: finish,
        onClose: () =>
          fail(isOpen ? 'failed' : 'unavailable', 'The connection to the model ended before the greeting.'),
        onInterrupted: ignore,
        onToolCall: ignore,
        onToolCancelled: ignore,
        onGoAway: ignore,
        onResumptionUpdate: ignore,
        onUsage: ignore,
      };
      const timer = setTimeout(() => fail('failed', 'The model took too long.'), timeoutMs);
      const connection = openLiveConnection(settings, events);
    });
