/** Server messages of the Live API as bytes. The real server sends JSON in binary frames, and so does this one. */

export const encodeMessage = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));

export const encodeAudio = (pcm24k: Int16Array): Buffer => {
  const data = Buffer.from(pcm24k.buffer, pcm24k.byteOffset, pcm24k.byteLength).toString('base64');
  const inlineData = { mimeType: 'audio/pcm;rate=24000', data };
  return encodeMessage({ serverContent: { modelTurn: { role: 'model', parts: [{ inlineData }] } } });
};

export const SETUP_COMPLETE = encodeMessage({ setupComplete: {} });
export const INTERRUPTED = encodeMessage({ serverContent: { interrupted: true } });
export const GENERATION_COMPLETE = encodeMessage({ serverContent: { generationComplete: true } });
export const NOT_RESUMABLE = encodeMessage({ sessionResumptionUpdate: { resumable: false } });
/** Cut off in the middle of a string. */
export const BROKEN_JSON = Buffer.from('{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"data":"AAAA');

export type Usage = { promptTokenCount: number; responseTokenCount: number; totalTokenCount: number };

export const turnComplete = (usageMetadata: Usage): Buffer =>
  encodeMessage({ serverContent: { turnComplete: true }, usageMetadata });

export const inputTranscription = (text: string): Buffer =>
  encodeMessage({ serverContent: { inputTranscription: { text } } });

export const resumptionUpdate = (newHandle: string): Buffer =>
  encodeMessage({ sessionResumptionUpdate: { newHandle, resumable: true } });

export const goAway = (timeLeftMs: number): Buffer => encodeMessage({ goAway: { timeLeft: `${timeLeftMs / 1000}s` } });

export type FunctionCall = { id: string; name: string; args: Record<string, unknown> };

export const toolCall = (functionCalls: readonly FunctionCall[]): Buffer =>
  encodeMessage({ toolCall: { functionCalls } });

export const toolCallCancellation = (ids: readonly string[]): Buffer =>
  encodeMessage({ toolCallCancellation: { ids } });
