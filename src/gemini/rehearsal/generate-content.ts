/**
 * `models/*:generateContent`, enough for summaries and batch transcription: text, or JSON that fits the schema. It
 * understands nothing and says so: of sound it tells when there was speech, of a transcript how many turns it has.
 */
import { speechIn, type SpeechStretch } from './heard-speech.ts';
import { isObject, type Json } from './json.ts';

const AUDIO_TYPES = ['audio/wav', 'audio/mp3', 'audio/aiff', 'audio/aac', 'audio/ogg', 'audio/flac'];

type Asked = { texts: readonly string[]; speech: readonly SpeechStretch[] | null };

/** The response body for a request body. Deterministic. Throws for a request that the real one refuses. */
export const generateContent = (model: string, request: unknown): Json => {
  const config = isObject(request) && isObject(request['generationConfig']) ? request['generationConfig'] : {};
  const schema = config['responseJsonSchema'] ?? config['responseSchema'];
  const wantsJson = schema !== undefined || config['responseMimeType'] === 'application/json';
  const asked = readContents(request);
  const text = wantsJson ? JSON.stringify(sampleOf(schema ?? SUMMARY_SCHEMA, asked, '')) : summaryOf(asked);
  const promptTokenCount = Math.ceil(JSON.stringify(request ?? null).length / 4);
  const candidatesTokenCount = Math.ceil(text.length / 4);
  return {
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount,
    },
    modelVersion: model,
    responseId: 'rehearsal',
  };
};

const listIn = (value: unknown, name: string): unknown[] => {
  const list = isObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
};

const readContents = (request: unknown): Asked => {
  const parts = listIn(request, 'contents').flatMap((content) => listIn(content, 'parts'));
  const texts = parts.flatMap((part) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []));
  const sounds = parts.flatMap((part) => (isObject(part) && isObject(part['inlineData']) ? [part['inlineData']] : []));
  return { texts, speech: sounds.length === 0 ? null : sounds.flatMap(speechOf) };
};

const speechOf = ({ mimeType, data }: Json): SpeechStretch[] => {
  if (!AUDIO_TYPES.includes(String(mimeType))) throw new Error(`Unsupported MIME type: ${String(mimeType)}`);
  const bytes = Buffer.from(typeof data === 'string' ? data : '', 'base64');
  if (bytes.length === 0) throw new Error('The inline data is empty or no base64.');
  return mimeType === 'audio/wav' ? speechIn(bytes) : [];
};

const SUMMARY_SCHEMA = { type: 'object', properties: { summary: { type: 'string' } } };

const linesOf = ({ texts }: Asked, side: string): string[] =>
  texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(`${side}: `))
    .map((line) => line.slice(side.length + 2));

/** Facts only; the customer's last words are quoted, so that letters of every script are seen to come through. */
const summaryOf = (asked: Asked): string => {
  const [agent, user] = [linesOf(asked, 'AGENT'), linesOf(asked, 'USER')];
  if (agent.length + user.length === 0) {
    return 'Rehearsal summary: nothing was understood, as this server recognises no speech.';
  }
  const quoted = user.length === 0 ? '' : ` The customer's last words: “${user.at(-1)}”`;
  return `Rehearsal summary, not understood: ${agent.length} turns of the agent, ${user.length} of the customer.${quoted}`;
};

const segmentsOf = ({ speech }: Asked) =>
  (speech ?? []).map(({ startSeconds, seconds }) => ({
    start_seconds: Number(startSeconds.toFixed(2)),
    text: `[somebody spoke for ${seconds.toFixed(1)} s]`,
  }));

/** What it knows an answer to, by the property that asks. */
const ANSWERS: ReadonlyMap<string, (asked: Asked) => unknown> = new Map<string, (asked: Asked) => unknown>([
  ['summary', summaryOf],
  ['segments', segmentsOf],
  ['language', () => 'und'],
]);

const choiceOf = (choices: unknown[]): unknown => choices.find((choice) => choice === 'undetermined') ?? choices[0];

const typeOf = ({ type }: Json): string => String(Array.isArray(type) ? type[0] : type).toLowerCase();

/** The value for a property: an answer that is known, else the smallest that a JSON schema (or Google's upper-case dialect) allows. */
const sampleOf = (schema: unknown, asked: Asked, name: string): unknown => {
  if (!isObject(schema)) return null;
  const { enum: choices, anyOf: alternatives } = schema;
  if (Array.isArray(choices)) return choiceOf(choices);
  if (Array.isArray(alternatives)) return sampleOf(alternatives[0], asked, name);
  const type = typeOf(schema);
  if (type === 'object') return sampleOfObject(schema, asked);
  const known = ANSWERS.get(name)?.(asked);
  if (type === (Array.isArray(known) ? 'array' : typeof known)) return known;
  return SAMPLES.get(type)?.(schema) ?? null;
};

const SAMPLES: ReadonlyMap<string, (schema: Json) => unknown> = new Map<string, (schema: Json) => unknown>([
  ['array', () => []],
  ['string', () => 'rehearsal'],
  ['number', ({ minimum = 0 }) => minimum],
  ['integer', ({ minimum = 0 }) => minimum],
  ['boolean', () => false],
]);

const sampleOfObject = ({ properties }: Json, asked: Asked): Json =>
  Object.fromEntries(
    Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => [
      name,
      sampleOf(schema, asked, name),
    ]),
  );
