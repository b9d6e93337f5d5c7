/** A greeting that is spoken and kept before the call. Pure. */
import type { CallConfig } from './call-config.ts';
import { languageName } from './language.ts';

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
