/** What of a machine's context, and of an event, may be shown to somebody who looks on: ids and facts, never text. */
import type { Json } from '#domain/serialise-event.ts';

/** By machine id. What is not named does not leave; text spoken, prompts, handles, SDP and credentials never do. */
const SHOWN_CONTEXT: Readonly<Record<string, readonly string[]>> = {
  call: [
    ...['was', 'callId', 'direction', 'epoch', 'generation', 'sipCallId', 'callerNumber', 'calledNumber', 'language'],
    ...[
      'isGreeted',
      'isHeld',
      'heard',
      'turn',
      'startedAt',
      'answeredAt',
      'endedAt',
      'lastVoiceAt',
      'wasRinging',
      'deadlines',
      'callee',
    ],
    ...['crashed', 'cause', 'recordingPath'],
  ],
  modelSession: [
    ...['callId', 'generation', 'connection', 'isOpen', 'isGreeted', 'wantsGreeting', 'wasReady', 'attempts'],
    ...['faultySince', 'closeMs'],
  ],
  recording: ['callId', 'generation', 'startedAt', 'durationMs', 'publishedPath'],
  transcription: ['callId', 'firstIndex', 'segmentsKept'],
  registration: ['trunkId', 'state', 'attempts', 'registeredAt', 'expiresAt', 'cause'],
  campaign: ['campaignId', 'status', 'concurrency', 'inProgress', 'waiting', 'startedAt', 'completedAt', 'cause'],
  transfer: ['callId', 'status', 'attempts'],
};

const PHONE_NUMBERS: ReadonlySet<string> = new Set(['callerNumber', 'calledNumber']);

/** Fields of events that are text and yet only names: of things, never what somebody said or typed. */
const SHOWN_EVENT_TEXT: ReadonlySet<string> = new Set([
  ...['type', 'callId', 'id', 'name', 'code', 'cause', 'kind', 'status', 'state', 'step', 'by', 'barrier', 'ignored'],
  ...['speaker', 'fault', 'trunkId', 'campaignId', 'leadId', 'actorId'],
]);

export type Discretion = { showPhoneNumbers: boolean };

/** `+359…34`: enough to tell two calls apart. */
const masked = (value: unknown): Json => (typeof value === 'string' ? `…${value.slice(-2)}` : null);

const isPlain = (value: unknown): value is number | boolean | null =>
  value === null || typeof value === 'number' || typeof value === 'boolean';

/** Numbers, flags and names of a value; everything else is left out. */
const factsOf = (value: unknown, key: string, depth: number): Json | undefined => {
  if (isPlain(value)) return value;
  if (typeof value === 'string') return SHOWN_EVENT_TEXT.has(key) ? value.slice(0, 80) : undefined;
  if (typeof value !== 'object' || depth === 0) return undefined;
  if (Array.isArray(value)) return value.length;
  return shownFields(value, depth - 1);
};

const shownFields = (source: object, depth: number): { readonly [key: string]: Json } =>
  Object.fromEntries(
    Object.entries(source).flatMap(([key, value]) => {
      const shown = factsOf(value, key, depth);
      return shown === undefined ? [] : [[key, shown] as const];
    }),
  );

/** An event as it may be shown: its type, ids, codes, numbers and flags; lists become their length. */
export const shownEvent = (event: { type: string }): { type: string; [key: string]: Json } => ({
  ...shownFields(event, 2),
  type: event.type,
});

const shownValue = (key: string, value: unknown): Json => {
  if (isPlain(value)) return value;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return null;
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : shownFields(value, 1);
};

/** The part of a machine's context that may be shown; empty for a machine that is not listed. */
export const shownContext = (
  machine: string,
  context: unknown,
  { showPhoneNumbers }: Discretion,
): Record<string, Json> => {
  if (typeof context !== 'object' || context === null) return {};
  const fields = context as Record<string, unknown>;
  return Object.fromEntries(
    (SHOWN_CONTEXT[machine] ?? [])
      .filter((key) => key in fields)
      .map((key) => [
        key,
        PHONE_NUMBERS.has(key) && !showPhoneNumbers ? masked(fields[key]) : shownValue(key, fields[key]),
      ]),
  );
};
