/** Reads the `setup` message as strictly as the real server does. */
import { isObject, type Json } from './json.ts';

export type Setup = {
  model: string;
  languageCode: string | null;
  instruction: string;
  tools: ReadonlySet<string>;
  transcribesInput: boolean;
  transcribesOutput: boolean;
  /** Null: resumption was not asked for; an empty string: a new session with handles. */
  resumptionHandle: string | null;
  /** How far the model takes history: of itself, announced (it waits for all of it), or not, as it was not announced. */
  history: 'taken' | 'awaited' | 'refused';
};

/** The peer broke the protocol; the socket is closed with `code`. */
export class RefusalError extends Error {
  override name = 'RefusalError';
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

const SETUP_FIELDS = new Set([
  'model',
  'generationConfig',
  'systemInstruction',
  'tools',
  'realtimeInputConfig',
  'sessionResumption',
  'contextWindowCompression',
  'inputAudioTranscription',
  'outputAudioTranscription',
  'proactivity',
  'explicitVadSignal',
  'historyConfig',
]);

/** Throws `RefusalError` (1007 invalid argument, 1008 unknown model). */
export const readSetup = (value: unknown): Setup => {
  const setup = objectAt(value, 'setup');
  const unknown = Object.keys(setup).find((name) => !SETUP_FIELDS.has(name));
  if (unknown !== undefined) {
    throw new RefusalError(
      1007,
      `Invalid JSON payload received. Unknown name "${unknown}" at 'setup': Cannot find field.`,
    );
  }
  const generation = optionalObject(setup['generationConfig'], 'setup.generation_config');
  requireAudio(generation['responseModalities']);
  const speech = optionalObject(generation['speechConfig'], 'setup.generation_config.speech_config');
  const resumption = setup['sessionResumption'];
  return {
    model: readModel(setup['model']),
    languageCode: typeof speech['languageCode'] === 'string' ? speech['languageCode'] : null,
    instruction: readText(setup['systemInstruction']),
    tools: new Set(readToolNames(setup['tools'])),
    transcribesInput: setup['inputAudioTranscription'] !== undefined,
    transcribesOutput: setup['outputAudioTranscription'] !== undefined,
    history: readHistoryUse(setup),
    resumptionHandle:
      resumption === undefined ? null : readHandle(optionalObject(resumption, 'setup.session_resumption')),
  };
};

export const objectAt = (value: unknown, path: string): Json => {
  if (isObject(value)) return value;
  throw new RefusalError(1007, `Invalid value at '${path}'.`);
};

const optionalObject = (value: unknown, path: string): Json => (value === undefined ? {} : objectAt(value, path));

const listAt = (value: unknown, path: string): unknown[] => {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new RefusalError(1007, `Invalid value at '${path}'.`);
};

const readHistoryUse = (setup: Json): Setup['history'] => {
  const config = optionalObject(setup['historyConfig'], 'setup.history_config');
  if (config['initialHistoryInClientContent'] === true) return 'awaited';
  return /gemini-(?:[3-9]|\d\d)/.test(String(setup['model'])) ? 'refused' : 'taken';
};

const readModel = (model: unknown): string => {
  if (typeof model === 'string' && /^models\/(gemini|rehearsal)[\w.-]*$/.test(model)) return model;
  throw new RefusalError(
    1008,
    `${String(model)} is not found for API version v1beta, or is not supported for bidiGenerateContent.`,
  );
};

const requireAudio = (modalities: unknown): void => {
  const asked = listAt(modalities, 'setup.generation_config.response_modalities');
  if (asked.length === 1 && asked[0] === 'AUDIO') return;
  throw new RefusalError(1007, 'Cannot extract voices from a non-audio request.');
};

const readHandle = (resumption: Json): string => (typeof resumption['handle'] === 'string' ? resumption['handle'] : '');

/** Text of a `Content`, or of one given as plain text. */
export const readText = (content: unknown): string => {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  const parts = listAt(objectAt(content, 'content')['parts'], 'content.parts');
  return parts.map(readPart).join('\n');
};

const readPart = (part: unknown): string => {
  const { text } = objectAt(part, 'content.parts');
  return typeof text === 'string' ? text : '';
};

const readToolNames = (tools: unknown): string[] =>
  listAt(tools, 'setup.tools').flatMap((tool) =>
    listAt(objectAt(tool, 'setup.tools')['functionDeclarations'], 'setup.tools.function_declarations').map(
      readToolName,
    ),
  );

const readToolName = (declaration: unknown): string => {
  const { name } = objectAt(declaration, 'setup.tools.function_declarations');
  if (typeof name === 'string' && /^[a-zA-Z_][\w.:-]{0,127}$/.test(name)) return name;
  throw new RefusalError(1007, `Invalid function name ${JSON.stringify(name)}.`);
};
