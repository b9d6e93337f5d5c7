/** Turns one message of the Live API into calls of `LiveConnectionEvents`. */
import type { FunctionCall, LiveServerContent, LiveServerMessage, Part, UsageMetadata } from '@google/genai';
import type { LiveConnectionEvents } from '#domain/live-connection.ts';
import type { TokenUsage, ToolCall } from '#domain/media-protocol.ts';
import { decodeAudioOutput } from './audio-frame.ts';

/** The server sent something that is no message of the Live API. */
export class ServerMessageError extends Error {
  override name = 'ServerMessageError';
  readonly code = 'malformedMessage';
}

/** Parses one frame. Throws `ServerMessageError` for anything but a JSON object. */
export const parseServerMessage = (text: string): LiveServerMessage => {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (cause) {
    throw new ServerMessageError('The server sent broken JSON.', { cause });
  }
  if (isMessage(message)) return message;
  throw new ServerMessageError('The server sent JSON that is not an object.');
};

/** Every field of a message is optional; a field of a wrong type shows when it is used. */
const isMessage = (value: unknown): value is LiveServerMessage =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reports everything in `message`; unknown fields are ignored. Throws what a listener throws. */
export const dispatchServerMessage = (message: LiveServerMessage, events: LiveConnectionEvents): void => {
  const { serverContent, toolCall, toolCallCancellation } = message;
  if (serverContent) dispatchContent(serverContent, events);
  if (toolCall) events.onToolCall((toolCall.functionCalls ?? []).map(toToolCall));
  if (toolCallCancellation) events.onToolCancelled(toolCallCancellation.ids ?? []);
  dispatchSessionNews(message, events);
};

const dispatchSessionNews = (message: LiveServerMessage, events: LiveConnectionEvents): void => {
  const { goAway, sessionResumptionUpdate: update, usageMetadata } = message;
  if (goAway) events.onGoAway(durationMs(goAway.timeLeft));
  if (update) events.onResumptionUpdate(update.newHandle || null, update.resumable ?? false);
  if (usageMetadata) events.onUsage(toTokenUsage(usageMetadata));
};

const dispatchContent = (content: LiveServerContent, events: LiveConnectionEvents): void => {
  if (content.interrupted) events.onInterrupted();
  dispatchTexts(content, events);
  for (const part of content.modelTurn?.parts ?? []) dispatchAudio(part, events);
  if (content.generationComplete) events.onGenerationComplete();
  if (content.turnComplete) events.onTurnComplete();
};

/** Before the audio of the same message, since they say what that audio will say. */
const dispatchTexts = (
  { inputTranscription, outputTranscription }: LiveServerContent,
  events: LiveConnectionEvents,
) => {
  if (inputTranscription?.text) events.onText('input', inputTranscription.text);
  if (outputTranscription?.text) events.onText('output', outputTranscription.text);
};

const toToolCall = ({ id, name, args }: FunctionCall): ToolCall => ({
  id: id ?? '',
  name: name ?? '',
  args: args ?? {},
});

const toTokenUsage = (usage: UsageMetadata): TokenUsage => ({
  promptTokens: usage.promptTokenCount ?? 0,
  responseTokens: usage.responseTokenCount ?? 0,
  totalTokens: usage.totalTokenCount ?? 0,
});

const dispatchAudio = ({ inlineData }: Part, events: LiveConnectionEvents): void => {
  const mimeType = inlineData?.mimeType;
  if (!inlineData?.data || !mimeType?.startsWith('audio/pcm')) return;
  const rate = /rate=(\d+)/.exec(mimeType)?.[1] ?? '24000';
  if (rate !== '24000') throw new ServerMessageError(`The server sent audio at ${rate} Hz instead of 24000 Hz.`);
  const pcm = decodeAudioOutput(inlineData.data);
  if (pcm.length > 0) events.onAudio(pcm);
};

/** protobuf `Duration` as JSON: seconds with an `s`, e.g. `9.5s`. Unreadable or missing: no time left. */
const durationMs = (text: string | undefined): number => {
  const seconds = Number.parseFloat(text ?? '');
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1000)) : 0;
};
