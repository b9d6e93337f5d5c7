/** Has the model speak a greeting that is to be kept, as the file that is kept. */
import type { Config } from '#config.ts';
import { greetingRequest, speakerInstruction } from '#domain/greeting.ts';
import { createSpeakOnce, type SpeakOnce } from '#gemini/speak-once.ts';
import { wavHeader } from '#media/recording/wav-header.ts';

/** Any key will do for the rehearsal server. */
const REHEARSAL_KEY = 'rehearsal';
const CONNECT_MS = 5_000;
const SPEAK_MS = 30_000;
const MODEL_RATE_HZ = 24_000;

export type GreetingWords = {
  text: string;
  /** BCP 47. */
  language: string;
  /** Null: the model's own choice. */
  voice: string | null;
};

export type SpokenGreeting = {
  wave: Buffer;
  /** What was said, as far as the model tells; else what was to be said. */
  text: string;
};

/** Rejects with `GreetingError`. */
export type GreetingSpeaker = (words: GreetingWords) => Promise<SpokenGreeting>;

export const createGreetingSpeaker =
  (gemini: Config['gemini'], speakOnce: SpeakOnce = createSpeakOnce({ timeoutMs: SPEAK_MS })): GreetingSpeaker =>
  async ({ text, language, voice }) => {
    const spoken = await speakOnce(
      {
        apiKey: gemini.apiKey ?? REHEARSAL_KEY,
        baseUrl: gemini.baseUrl,
        apiVersion: gemini.apiVersion,
        model: gemini.model,
        voice,
        languageCode: language,
        systemInstruction: speakerInstruction(language),
        tools: [],
        resumptionHandle: null,
        connectTimeoutMs: CONNECT_MS,
      },
      greetingRequest(text),
    );
    const { pcm24k } = spoken;
    const wave = Buffer.concat([
      wavHeader(pcm24k.byteLength, { channels: 1, sampleRateHz: MODEL_RATE_HZ }),
      new Uint8Array(pcm24k.buffer, pcm24k.byteOffset, pcm24k.byteLength),
    ]);
    return { wave, text: spoken.text || text };
  };
