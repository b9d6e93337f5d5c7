/** `models/*:generateContent`, enough for summaries and batch transcription: fixed text, or JSON that fits the schema. */

import { isObject, type Json } from './json.ts';

/** The response body for a request body. Deterministic. */
export const generateContent = (model: string, request: unknown): Json => {
  const config = isObject(request) && isObject(request['generationConfig']) ? request['generationConfig'] : {};
  const schema = config['responseJsonSchema'] ?? config['responseSchema'];
  const wantsJson = schema !== undefined || config['responseMimeType'] === 'application/json';
  const text = wantsJson ? JSON.stringify(schema === undefined ? SUMMARY : sampleOf(schema)) : SUMMARY.summary;
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

const SUMMARY = { summary: 'Rehearsal summary: nothing was understood, as this server recognises no speech.' };

/** The smallest value a JSON schema (or Google's upper-case dialect) allows. */
const sampleOf = (schema: unknown): unknown => {
  if (!isObject(schema)) return null;
  const { enum: choices, anyOf: alternatives, type } = schema;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(alternatives)) return sampleOf(alternatives[0]);
  const name = Array.isArray(type) ? type[0] : type;
  return SAMPLES.get(String(name).toLowerCase())?.(schema) ?? null;
};

const SAMPLES: ReadonlyMap<string, (schema: Json) => unknown> = new Map<string, (schema: Json) => unknown>([
  ['object', ({ properties = {} }) => Object.fromEntries(Object.entries(properties ?? {}).map(sampleOfProperty))],
  ['array', () => []],
  ['string', () => 'rehearsal'],
  ['number', ({ minimum = 0 }) => minimum],
  ['integer', ({ minimum = 0 }) => minimum],
  ['boolean', () => false],
]);

const sampleOfProperty = ([name, schema]: [string, unknown]): [string, unknown] => [name, sampleOf(schema)];
