/** Makes greetings before the call: the model speaks them, the data folder keeps them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#config.ts';
import { GreetingError, greetingRequest, greetingText, speakerInstruction } from '#domain/greeting.ts';
import { languageCode } from '#domain/language.ts';
import { createSpeakOnce, type SpeakOnce, type SpokenOnce } from '#gemini/speak-once.ts';
import type { GreetingStudio } from '#http/crm/greeting.routes.ts';
import { wavHeader } from '#media/recording/wav-header.ts';

/** Any key will do for the rehearsal server. */
const REHEARSAL_KEY = 'rehearsal';
const CONNECT_MS = 5_000;
const SPEAK_MS = 30_000;
const MODEL_RATE_HZ = 24_000;
const FOLDER = 'greetings';

/** `20251201_120423`, with milliseconds, so that two greetings of one second have two names. */
const stampOf = (at: Date) => at.toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '_');

const waveOf = ({ pcm24k }: SpokenOnce): Buffer =>
  Buffer.concat([
    wavHeader(pcm24k.byteLength, { channels: 1, sampleRateHz: MODEL_RATE_HZ }),
    new Uint8Array(pcm24k.buffer, pcm24k.byteOffset, pcm24k.byteLength),
  ]);

export type GreetingStudioOptions = {
  config: Pick<Config, 'agent' | 'gemini' | 'dataDirectory'>;
  now: () => number;
  speakOnce?: SpeakOnce;
};

export const createGreetingStudio = ({ config, now, ...options }: GreetingStudioOptions): GreetingStudio => {
  const { gemini, dataDirectory } = config;
  const speakOnce = options.speakOnce ?? createSpeakOnce({ timeoutMs: SPEAK_MS });
  return {
    method: 'gemini-live',
    fallbackLanguage: config.agent.language,
    make: async ({ callConfig, language, userId }) => {
      const written = greetingText(callConfig);
      const spoken = await speakOnce(
        {
          apiKey: gemini.apiKey ?? REHEARSAL_KEY,
          baseUrl: gemini.baseUrl,
          apiVersion: gemini.apiVersion,
          model: gemini.model,
          voice: callConfig.voice_name,
          languageCode: language,
          systemInstruction: speakerInstruction(language),
          tools: [],
          resumptionHandle: null,
          connectTimeoutMs: CONNECT_MS,
        },
        greetingRequest(written),
      );
      const file = `${FOLDER}/greeting_${languageCode(language)}_${stampOf(new Date(now()))}_${userId}.wav`;
      try {
        await mkdir(join(dataDirectory, FOLDER), { recursive: true });
        await writeFile(join(dataDirectory, file), waveOf(spoken));
      } catch (cause) {
        throw new GreetingError('failed', 'The greeting could not be kept.', { cause });
      }
      return { file, transcript: spoken.text || written };
    },
  };
};
