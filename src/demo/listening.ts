/** Waits for speech and for silence in what a caller hears. Driven by the packets that arrive. */
import { mulawLevel } from './mulaw.ts';
import type { RtpStream } from './rtp-stream.ts';

export class NotHeardError extends Error {
  override readonly name = 'NotHeardError';
  readonly code = 'notHeard';
}

export type Listening = {
  /** Resolves with the arrival (`performance.now()`) of the next voiced packet. */
  untilVoice(what: string, timeoutMs: number): Promise<number>;
  /** Resolves with the arrival of the last voiced packet, when none has come for `forMs`. */
  untilQuiet(what: string, forMs: number, timeoutMs: number): Promise<number>;
};

const VOICE_LEVEL = 0.01;

export const listenTo = (audio: RtpStream): Listening => {
  const observers = new Set<(at: number, isVoice: boolean) => void>();
  audio.onPacket(({ at, payload }) => {
    const isVoice = mulawLevel(payload) > VOICE_LEVEL;
    for (const observe of observers) observe(at, isVoice);
  });

  const wait = (
    what: string,
    timeoutMs: number,
    decide: (at: number, isVoice: boolean) => number | null,
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        observers.delete(observe);
        settle();
      };
      const observe = (at: number, isVoice: boolean) => {
        const result = decide(at, isVoice);
        if (result !== null) finish(() => resolve(result));
      };
      const timer = setTimeout(
        () => finish(() => reject(new NotHeardError(`${what}: not within ${timeoutMs / 1000} s`))),
        timeoutMs,
      );
      observers.add(observe);
    });

  return {
    untilVoice: (what, timeoutMs) => wait(what, timeoutMs, (at, isVoice) => (isVoice ? at : null)),
    untilQuiet: (what, forMs, timeoutMs) => {
      let lastVoiceAt = audio.latestVoiceAt ?? performance.now();
      return wait(what, timeoutMs, (at, isVoice) => {
        if (isVoice) lastVoiceAt = at;
        return at - lastVoiceAt >= forMs ? lastVoiceAt : null;
      });
    },
  };
};
