/** Speech as the server sends it: complete messages, encoded once and shared by all sessions. */
import type { Clip } from './clips.ts';
import { alignPieces } from './transcript-pieces.ts';
import { encodeAudio, encodeMessage } from './messages.ts';

export const OUTPUT_RATE_HZ = 24_000;
export const FRAME_MS = 100;

export type SpeechFrame = { audio: Buffer; durationMs: number; transcription: Buffer | null };
export type Speech = { id: string; text: string; frames: readonly SpeechFrame[]; durationMs: number };

/** Cuts a clip into frames; each piece of its text goes with the frame in which it begins. */
export const toSpeech = (clip: Clip): Speech => {
  const pieces = alignPieces(clip.text, clip.durationMs);
  const frames = cut(clip.pcm).map((frame, index) => {
    const text = pieces
      .filter((piece) => Math.floor(piece.atMs / FRAME_MS) === index)
      .map((piece) => piece.text)
      .join('');
    const transcription = text === '' ? null : encodeMessage({ serverContent: { outputTranscription: { text } } });
    return { ...frame, transcription };
  });
  return { id: clip.id, text: clip.text, frames, durationMs: clip.durationMs };
};

/** A sine; `durationMs` a multiple of 1000 loops without a click for every whole number of hertz. */
export const toneSpeech = (hz: number, durationMs: number): Speech => {
  const pcm = Int16Array.from({ length: (OUTPUT_RATE_HZ * durationMs) / 1000 }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / OUTPUT_RATE_HZ)),
  );
  const frames = cut(pcm).map((frame) => ({ ...frame, transcription: null }));
  return { id: `tone-${hz}`, text: '', frames, durationMs };
};

const cut = (pcm: Int16Array) => {
  const size = (OUTPUT_RATE_HZ * FRAME_MS) / 1000;
  return Array.from({ length: Math.ceil(pcm.length / size) }, (_, index) => {
    const samples = pcm.subarray(index * size, (index + 1) * size);
    return { audio: encodeAudio(samples), durationMs: (samples.length * 1000) / OUTPUT_RATE_HZ };
  });
};
