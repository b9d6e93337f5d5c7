/** Greetings that are spoken and kept before the call. Pure. */
import type { CallConfig } from './call-config.ts';
import { languageName } from './language.ts';

/** Spoken by the model in the call, or played from a clip that the model has spoken before. */
export const GREETING_MODES = ['live', 'clip'] as const;
export type GreetingMode = (typeof GREETING_MODES)[number];

/** `text`: what is heard in it. */
export type GreetingClip = { path: string; text: string };

/** A greeting that was made over the API, below the data folder; the name ends with the id of the user it was made for. */
const GREETING_FILE = /^greetings\/[A-Za-z0-9_-]+_(\d{1,9})\.wav$/;

/** Null: not the name of such a greeting. */
export const ownerOfGreeting = (file: string): number | null => {
  const owner = GREETING_FILE.exec(file)?.[1];
  return owner === undefined ? null : Number(owner);
};

export type GreetingErrorCode =
  /** The model cannot be reached, or refuses us. */
  | 'unavailable'
  /** It did not speak, or not to the end. */
  | 'failed';

export class GreetingError extends Error {
  readonly code: GreetingErrorCode;

  constructor(code: GreetingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GreetingError';
    this.code = code;
  }
}

const DEFAULT = 'Hello! This is [caller_name]. Do you have a moment?';

/** The sentence as it was written, the names filled in. */
export const greetingText = (config: CallConfig): string =>
  (config.greeting_instruction.trim() || DEFAULT)
    .replace(/\[(caller_name|company_name|product_name)\]/g, (_, name: 'caller_name') => config[name])
    .trim();

/** What the model is told to be while it speaks nothing but a greeting, in a language by its BCP 47 tag. */
export const speakerInstruction = (language: string): string =>
  `You speak ${languageName(language)} and read greetings of telephone calls aloud. Speak the sentence that you are given, naturally and ` +
  `warmly, in ${languageName(language)}, translated if it is written in another language. Say nothing before or after it.`;

export const greetingRequest = (text: string): string => `[Say this greeting now: ${text}]`;
