/** Reads what a client sends after its set-up. Strict: whatever the real server refuses is refused with its code. */
import { objectAt, readText, RefusalError } from './setup.ts';

export type ClientInput =
  /** 16 kHz; valid until the next message is read. */
  | { type: 'audio'; pcm: Int16Array }
  | { type: 'audioEnd' }
  | { type: 'text'; text: string }
  | { type: 'activity' }
  | { type: 'toolResponse'; ids: readonly string[] }
  | { type: 'history'; turns: readonly HistoryTurn[]; complete: boolean };

export type HistoryTurn = { role: 'user' | 'model'; text: string };

const AUDIO_PREFIX = '{"realtimeInput":{"audio":{"data":"';
const AUDIO_SUFFIX = '","mimeType":"audio/pcm;rate=16000"}}}';
const INPUT_MIME_TYPE = /^audio\/pcm(;\s*rate=16000)?$/;

let scratch = Buffer.from(new ArrayBuffer(64 * 1024));

/** The common message, recognised without parsing; null = it is another one. */
export const readAudioInput = (frame: Buffer): Int16Array | null => {
  const end = frame.length - AUDIO_SUFFIX.length;
  if (end < AUDIO_PREFIX.length || frame.toString('latin1', 0, AUDIO_PREFIX.length) !== AUDIO_PREFIX) return null;
  if (frame.toString('latin1', end) !== AUDIO_SUFFIX) return null;
  const base64 = frame.toString('latin1', AUDIO_PREFIX.length, end);
  return base64.includes('"') ? null : decode(base64);
};

const decode = (base64: string): Int16Array => {
  if (base64.length > scratch.length) scratch = Buffer.from(new ArrayBuffer(base64.length));
  return new Int16Array(scratch.buffer, 0, scratch.write(base64, 'base64') >> 1);
};

export const parseJson = (frame: Buffer): Record<string, unknown> => {
  let message: unknown;
  try {
    message = JSON.parse(frame.toString());
  } catch {
    throw new RefusalError(1007, 'Invalid JSON payload received.');
  }
  return objectAt(message, 'message');
};

/** Throws `RefusalError` for everything but the messages of an open session. */
export const readClientInput = (message: Record<string, unknown>): ClientInput => {
  const [name = '', ...more] = Object.keys(message);
  if (more.length > 0) throw new RefusalError(1007, 'A message must have exactly one field.');
  switch (name) {
    case 'realtimeInput':
      return readRealtimeInput(objectAt(message[name], 'realtime_input'));
    case 'toolResponse':
      return readToolResponse(objectAt(message[name], 'tool_response'));
    case 'clientContent':
      return readHistory(objectAt(message[name], 'client_content'));
    case 'setup':
      throw new RefusalError(1007, 'setup must be the first message and only the first.');
    default:
      throw new RefusalError(1007, `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
  }
};

const readRealtimeInput = (input: Record<string, unknown>): ClientInput => {
  if (typeof input['text'] === 'string') return { type: 'text', text: input['text'] };
  if (input['audioStreamEnd'] === true) return { type: 'audioEnd' };
  if (input['activityStart'] !== undefined || input['activityEnd'] !== undefined) return { type: 'activity' };
  const audio = objectAt(input['audio'], 'realtime_input.audio');
  const { data, mimeType } = audio;
  if (typeof mimeType !== 'string' || !INPUT_MIME_TYPE.test(mimeType)) {
    throw new RefusalError(1007, `Unsupported mime type ${JSON.stringify(mimeType)}; send audio/pcm;rate=16000.`);
  }
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) {
    throw new RefusalError(1007, "Invalid value at 'realtime_input.audio.data' (TYPE_BYTES): Base64 decoding failed.");
  }
  return { type: 'audio', pcm: decode(data) };
};

const readToolResponse = ({ functionResponses }: Record<string, unknown>): ClientInput => {
  if (!Array.isArray(functionResponses)) throw new RefusalError(1007, "Invalid value at 'tool_response'.");
  const ids = functionResponses.map((response) => {
    const { id, response: result } = objectAt(response, 'tool_response.function_responses');
    if (typeof id !== 'string' || id === '') throw new RefusalError(1007, 'A function response needs its id.');
    objectAt(result, 'tool_response.function_responses.response');
    return id;
  });
  return { type: 'toolResponse', ids };
};

const readHistory = ({ turns, turnComplete }: Record<string, unknown>): ClientInput => {
  const list = turns === undefined ? [] : turns;
  if (!Array.isArray(list)) throw new RefusalError(1007, "Invalid value at 'client_content.turns'.");
  return { type: 'history', turns: list.map(readTurn), complete: turnComplete === true };
};

const readTurn = (turn: unknown): HistoryTurn => {
  const { role } = objectAt(turn, 'client_content.turns');
  if (role !== 'user' && role !== 'model') throw new RefusalError(1007, 'Please use a valid role: user, model.');
  return { role, text: readText(turn) };
};
