/**
 * The caller's audio on its way to the model: gathered into chunks, kept while nobody can take it or the greeting is
 * being played, then given on in order, faster than real time.
 */
import type { Resampler } from '#media/resample/resampler.ts';

export type CallerFeed = {
  /** 8 kHz audio in order; `isCaller` is false for silence that stands in for packets that were not sent. */
  push(pcm: Int16Array, count: number, isCaller: boolean): void;
  /** Gives what was kept on, a few chunks at a time; to be called for each frame. */
  advance(): void;
  /** Where chunks go; null while there is no open connection. */
  setSink(sink: FeedSink | null): void;
  /** Keep the caller's audio, and let the model hear silence meanwhile. */
  hold(): void;
  /** Keep the caller's audio, and let the model hear nothing, until `hold` or `release`. */
  wait(): void;
  release(): void;
  /** Silence is given on in place of the caller. */
  mute(isMuted: boolean): void;
  isHolding(): boolean;
  /** Caller audio handed to the model, in samples at 8 kHz. */
  handedOver(): number;
  destroy(): void;
};

export type FeedSink = { sendAudio(pcm16k: Int16Array): void; readonly bufferedBytes: number };

type Chunk = { pcm: Int16Array; callerSamples: number };

const RATE_PER_MS = 8;
const KEEP_WITHOUT_MODEL_MS = 2_000;
const KEEP_WHILE_GREETING_MS = 15_000;
/** Silence kept between two stretches of held speech: enough to hear a pause, not worth keeping more of. */
const MAX_HELD_SILENCE_MS = 600;
const CHUNKS_PER_FRAME = 5;
/** A socket that has not taken this much is stalled; audio is then kept here. */
const MAX_BUFFERED_BYTES = 512 * 1024;

export const createCallerFeed = (chunkMs: number, resampler: Resampler): CallerFeed => {
  const chunkSamples = chunkMs * RATE_PER_MS;
  const silentChunk = new Int16Array(chunkSamples * 2);
  let filling = new Int16Array(chunkSamples);
  let filled = 0;
  let fillingCaller = 0;
  let kept: Chunk[] = [];
  let limitMs = KEEP_WITHOUT_MODEL_MS;
  let heldSilence = 0;
  let sink: FeedSink | null = null;
  let isHolding = false;
  let isWaiting = false;
  let isMuted = false;
  let unsentSilence = 0;
  let handedOver = 0;

  const canSend = (): boolean => sink !== null && !isHolding && sink.bufferedBytes <= MAX_BUFFERED_BYTES;

  const give = (to: FeedSink, pcm: Int16Array, callerSamples: number): void => {
    to.sendAudio(resampler.process(pcm, chunkSamples));
    handedOver += callerSamples;
  };

  const keep = (): void => {
    heldSilence = fillingCaller > 0 ? 0 : heldSilence + chunkMs;
    if (heldSilence > MAX_HELD_SILENCE_MS) return;
    kept.push({ pcm: filling, callerSamples: fillingCaller });
    filling = new Int16Array(chunkSamples);
    if (kept.length * chunkMs > limitMs) kept.shift();
  };

  const finishChunk = (): void => {
    if (kept.length === 0 && sink !== null && canSend()) give(sink, filling, fillingCaller);
    else keep();
    filled = 0;
    fillingCaller = 0;
  };

  const streamSilence = (count: number): void => {
    unsentSilence += count;
    while (unsentSilence >= chunkSamples) {
      unsentSilence -= chunkSamples;
      if (sink !== null && sink.bufferedBytes <= MAX_BUFFERED_BYTES) sink.sendAudio(silentChunk);
    }
  };

  return {
    push: (pcm, count, isCaller) => {
      if (isHolding && !isWaiting) streamSilence(count);
      for (let at = 0; at < count;) {
        const size = Math.min(count - at, chunkSamples - filled);
        for (let index = 0; index < size; index += 1) filling[filled + index] = isMuted ? 0 : pcm[at + index]!;
        filled += size;
        at += size;
        if (isCaller && !isMuted) fillingCaller += size;
        if (filled === chunkSamples) finishChunk();
      }
    },
    advance: () => {
      if (kept.length === 0) return;
      for (let given = 0; given < CHUNKS_PER_FRAME && kept.length > 0 && sink !== null && canSend(); given += 1) {
        const { pcm, callerSamples } = kept.shift()!;
        give(sink, pcm, callerSamples);
      }
      if (kept.length === 0 && !isHolding) limitMs = KEEP_WITHOUT_MODEL_MS;
    },
    setSink: (next) => {
      sink = next;
    },
    hold: () => {
      isHolding = true;
      isWaiting = false;
      limitMs = KEEP_WHILE_GREETING_MS;
      heldSilence = 0;
      unsentSilence = 0;
    },
    wait: () => {
      isHolding = true;
      isWaiting = true;
      limitMs = KEEP_WHILE_GREETING_MS;
    },
    release: () => {
      isHolding = false;
      isWaiting = false;
    },
    mute: (muted) => {
      isMuted = muted;
    },
    isHolding: () => isHolding,
    handedOver: () => handedOver,
    destroy: () => {
      sink = null;
      kept = [];
      resampler.destroy();
    },
  };
};
