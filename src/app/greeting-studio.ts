/** Makes greetings before the call: the model speaks them, the data folder keeps them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#config.ts';
import { GreetingError, greetingText } from '#domain/greeting.ts';
import { languageCode } from '#domain/language.ts';
import type { GreetingStudio } from '#http/crm/greeting.routes.ts';
import { createGreetingSpeaker, type GreetingSpeaker } from './greeting-speaker.ts';

const FOLDER = 'greetings';

/** `20251201_120423`, with milliseconds, so that two greetings of one second have two names. */
const stampOf = (at: Date) => at.toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '_');

export type GreetingStudioOptions = {
  config: Pick<Config, 'agent' | 'gemini' | 'dataDirectory'>;
  now: () => number;
  speak?: GreetingSpeaker;
};

export const createGreetingStudio = ({ config, now, ...options }: GreetingStudioOptions): GreetingStudio => {
  const { gemini, dataDirectory } = config;
  const speak = options.speak ?? createGreetingSpeaker(gemini);
  return {
    method: 'gemini-live',
    fallbackLanguage: config.agent.language,
    make: async ({ callConfig, language, userId }) => {
      const { wave, text } = await speak({ text: greetingText(callConfig), language, voice: callConfig.voice_name });
      const file = `${FOLDER}/greeting_${languageCode(language)}_${stampOf(new Date(now()))}_${userId}.wav`;
      try {
        await mkdir(join(dataDirectory, FOLDER), { recursive: true });
        await writeFile(join(dataDirectory, file), wave);
      } catch (cause) {
        throw new GreetingError('failed', 'The greeting could not be kept.', { cause });
      }
      return { file, transcript: text };
    },
  };
};
