/** Asks a Gemini model one question and gets an answer that fits a JSON schema. Messages never contain the API key. */
import { ApiError, GoogleGenAI, type Part } from '@google/genai';
import { JobError } from '#domain/job.ts';
import { withoutSecret, withRemedy } from './close-reason.ts';

export type TextModel = {
  apiKey: string;
  /** Null: Google. */
  baseUrl: string | null;
  apiVersion: string;
  model: string;
  timeoutMs: number;
};

export type Question = {
  instruction: string;
  parts: readonly Part[];
  /** JSON schema of the answer. */
  schema: unknown;
  signal: AbortSignal;
};

const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com';
/** Will be refused again: the key, the model's name, the request itself. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 413]);

const reasonOf = (error: unknown, secret: string): string => {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const behind = cause instanceof Error ? `${message} ${cause.message}` : message;
  return withRemedy(withoutSecret(behind, secret)).slice(0, 500);
};

const translate = (error: unknown, { apiKey, timeoutMs }: TextModel, timedOut: boolean): JobError => {
  if (error instanceof JobError) return error;
  if (timedOut) return new JobError('modelTimeout', `The model did not answer in ${timeoutMs / 1_000} s.`);
  const cause = new Error(reasonOf(error, apiKey));
  if (!(error instanceof ApiError)) return new JobError('modelUnavailable', 'The model cannot be reached.', { cause });
  const isFinal = FINAL_STATUSES.has(error.status);
  const message = `The model refused the request with status ${error.status}.`;
  return new JobError(isFinal ? 'modelRefused' : 'modelUnavailable', message, { cause, isFinal });
};

const parse = (text: string | undefined): unknown => {
  if (text === undefined || text === '') throw new JobError('badAnswer', 'The model gave no answer.');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new JobError('badAnswer', 'The answer of the model cannot be read.', { cause });
  }
};

/** Rejects with `JobError`. The answer is parsed JSON; whether it fits the schema is for the caller to check. */
export const askForJson = async (model: TextModel, question: Question): Promise<unknown> => {
  const timeout = AbortSignal.timeout(model.timeoutMs);
  // Given in full, so that the SDK takes nothing from the environment.
  const httpOptions = { baseUrl: model.baseUrl ?? DEFAULT_BASE_URL, apiVersion: model.apiVersion };
  const { models } = new GoogleGenAI({ apiKey: model.apiKey, vertexai: false, httpOptions });
  try {
    const { text } = await models.generateContent({
      model: model.model,
      contents: [{ role: 'user', parts: [...question.parts] }],
      config: {
        systemInstruction: question.instruction,
        responseMimeType: 'application/json',
        responseJsonSchema: question.schema,
        temperature: 0,
        abortSignal: AbortSignal.any([question.signal, timeout]),
      },
    });
    return parse(text);
  } catch (error) {
    question.signal.throwIfAborted();
    throw translate(error, model, timeout.aborted);
  }
};
