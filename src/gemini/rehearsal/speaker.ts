/**
 * Sends one utterance, faster than it plays, and keeps account of what the listener is presumed to hear: playback
 * starts with the first frame and runs in real time. Time is given.
 */
import type { Speech } from './speech.ts';

export type Utterance = {
  speeches: readonly Speech[];
  /** Times real time. */
  speed: number;
  /** Repeated until it is cut; sent in real time, this much ahead of it. */
  endlessLeadMs: number | null;
};

export type SpeakerListener = {
  send(message: Buffer, kind: 'audio' | 'transcription', durationMs: number): void;
  /** Everything has been sent. */
  onGenerated(nowMs: number): void;
  /** Everything is presumed to have been played. */
  onPlayed(nowMs: number): void;
};

export class Speaker {
  readonly #listener: SpeakerListener;
  #utterance: Utterance | null = null;
  #speech = 0;
  #frame = 0;
  #startedAt = 0;
  #sentMs = 0;
  #generated = false;

  constructor(listener: SpeakerListener) {
    this.#listener = listener;
  }

  /** Something is being sent or presumed to be playing. */
  get isSpeaking(): boolean {
    return this.#utterance !== null;
  }

  begin(utterance: Utterance, nowMs: number): void {
    this.#utterance = utterance;
    this.#speech = 0;
    this.#frame = 0;
    this.#startedAt = nowMs;
    this.#sentMs = 0;
    this.#generated = false;
    this.tick(nowMs);
  }

  /** Stops at once; nothing more of the utterance is sent or reported. */
  cut(): void {
    this.#utterance = null;
  }

  tick(nowMs: number): void {
    const utterance = this.#utterance;
    if (!utterance) return;
    while (!this.#generated && this.#utterance === utterance && nowMs >= this.#dueAt(utterance)) {
      this.#sendFrame(utterance, nowMs);
    }
    if (this.#utterance !== utterance || !this.#generated || nowMs < this.#startedAt + this.#sentMs) return;
    this.#utterance = null;
    this.#listener.onPlayed(nowMs);
  }

  #dueAt({ speed, endlessLeadMs }: Utterance): number {
    if (endlessLeadMs !== null) return this.#startedAt + this.#sentMs - endlessLeadMs;
    return this.#startedAt + this.#sentMs / speed;
  }

  #sendFrame(utterance: Utterance, nowMs: number): void {
    const frames = utterance.speeches[this.#speech]?.frames ?? [];
    const frame = frames[this.#frame];
    if (frame) {
      if (frame.transcription) this.#listener.send(frame.transcription, 'transcription', 0);
      this.#listener.send(frame.audio, 'audio', frame.durationMs);
      this.#sentMs += frame.durationMs;
      this.#frame += 1;
    }
    if (this.#frame < frames.length) return;
    this.#frame = 0;
    this.#speech += 1;
    if (this.#speech < utterance.speeches.length) return;
    this.#speech = 0;
    if (utterance.endlessLeadMs !== null) return;
    this.#generated = true;
    this.#listener.onGenerated(nowMs);
  }
}
