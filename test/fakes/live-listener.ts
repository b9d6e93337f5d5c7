/** Records what a Live connection tells, and lets a test wait for it. */
import type { LiveConnectionEvents } from '#domain/live-connection.ts';
import type { LiveSessionSettings, TokenUsage, ToolCall } from '#domain/media-protocol.ts';

export type LiveEvent =
  | { type: 'open' | 'interrupted' | 'generationComplete' | 'turnComplete' }
  | { type: 'audio'; samples: number }
  | { type: 'text'; kind: 'input' | 'output'; text: string }
  | { type: 'toolCall'; calls: readonly ToolCall[] }
  | { type: 'toolCancelled'; ids: readonly string[] }
  | { type: 'goAway'; timeLeftMs: number }
  | { type: 'resumption'; handle: string | null; resumable: boolean }
  | { type: 'usage'; usage: TokenUsage }
  | { type: 'close'; by: string; code: number; reason: string; wasClean: boolean };

type Of<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>;

export const recordLiveEvents = () => {
  const heard: LiveEvent[] = [];
  const waiting = new Set<() => void>();
  const hear = (event: LiveEvent): void => {
    heard.push(event);
    for (const look of waiting) look();
  };
  const all = <T extends LiveEvent['type']>(type: T): Of<T>[] =>
    heard.filter((event) => event.type === type) as Of<T>[];

  /** Resolves with the `count`th event of this type. */
  const nth = <T extends LiveEvent['type']>(type: T, count = 1): Promise<Of<T>> =>
    new Promise((resolve) => {
      const look = () => {
        const found = all(type)[count - 1];
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  const events: LiveConnectionEvents = {
    onOpen: () => hear({ type: 'open' }),
    onAudio: (pcm) => hear({ type: 'audio', samples: pcm.length }),
    onText: (kind, text) => hear({ type: 'text', kind, text }),
    onInterrupted: () => hear({ type: 'interrupted' }),
    onGenerationComplete: () => hear({ type: 'generationComplete' }),
    onTurnComplete: () => hear({ type: 'turnComplete' }),
    onToolCall: (calls) => hear({ type: 'toolCall', calls }),
    onToolCancelled: (ids) => hear({ type: 'toolCancelled', ids }),
    onGoAway: (timeLeftMs) => hear({ type: 'goAway', timeLeftMs }),
    onResumptionUpdate: (handle, resumable) => hear({ type: 'resumption', handle, resumable }),
    onUsage: (usage) => hear({ type: 'usage', usage }),
    onClose: (close) => hear({ type: 'close', ...close }),
  };
  return { events, heard, all, nth };
};

export const liveSettings = (baseUrl: string, changes: Partial<LiveSessionSettings> = {}): LiveSessionSettings => ({
  apiKey: 'test-key',
  baseUrl,
  apiVersion: 'v1beta',
  model: 'gemini-2.5-flash-native-audio-preview-09-2025',
  voice: 'Kore',
  languageCode: null,
  systemInstruction: 'You answer the telephone.',
  tools: [],
  resumptionHandle: null,
  connectTimeoutMs: 20_000,
  ...changes,
});

/** 16 kHz audio in 40 ms chunks. */
export const chunksOf = (pcm: Int16Array): Int16Array[] =>
  Array.from({ length: Math.ceil(pcm.length / 640) }, (_, index) => pcm.subarray(index * 640, (index + 1) * 640));

export const speech16k = (ms: number): Int16Array =>
  Int16Array.from({ length: ms * 16 }, (_, n) => Math.round(6000 * Math.sin((2 * Math.PI * 300 * n) / 16_000)));

export const silence16k = (ms: number): Int16Array => new Int16Array(ms * 16);
