/** One Gemini Live connection as the media worker sees it. Implemented in `src/gemini`; no audio is copied needlessly. */
import type { LiveSessionSettings, ModelCloseCode, TokenUsage, ToolCall, ToolResponse } from './media-protocol.ts';

export type LiveConnectionEvents = {
  onOpen(): void;
  /** Model audio, 24 kHz mono, 16 bit; only valid during the call. */
  onAudio(pcm24k: Int16Array): void;
  /** Pieces of transcription of what the caller said (`input`) and of what the model says (`output`). */
  onText(kind: 'input' | 'output', text: string): void;
  onInterrupted(): void;
  onGenerationComplete(): void;
  onTurnComplete(): void;
  onToolCall(calls: readonly ToolCall[]): void;
  onToolCancelled(ids: readonly string[]): void;
  onGoAway(timeLeftMs: number): void;
  onResumptionUpdate(handle: string | null, resumable: boolean): void;
  onUsage(usage: TokenUsage): void;
  /** Exactly once, always; nothing comes after it. */
  onClose(close: { by: ModelCloseCode; code: number; reason: string; wasClean: boolean }): void;
};

/** Every method is safe to call late: after the close it does nothing. */
export interface LiveConnection {
  /** 16 kHz mono, 16 bit; the array belongs to the caller again when this returns. */
  sendAudio(pcm16k: Int16Array): void;
  sendText(text: string): void;
  sendToolResponses(responses: readonly ToolResponse[]): void;
  readonly bufferedBytes: number;
  /** Close handshake; after `deadlineMs` the socket is terminated. */
  close(deadlineMs: number): void;
  terminate(): void;
}

export type OpenLiveConnection = (settings: LiveSessionSettings, events: LiveConnectionEvents) => LiveConnection;
