/** Keeps the latest seconds of what each session hears, where the rehearsal server keeps the first. */
import { AudioTape as FirstSeconds } from '#gemini/rehearsal/session-record.ts';

export * from '#gemini/rehearsal/session-record.ts';

const KEPT_SAMPLES = 2 * 16_000;

export class AudioTape extends FirstSeconds {
  readonly #ring = new Int16Array(KEPT_SAMPLES);
  #end = 0;

  override add(pcm: Int16Array): void {
    for (const sample of pcm) {
      this.#ring[this.#end % KEPT_SAMPLES] = sample;
      this.#end += 1;
    }
  }

  override read(): Buffer {
    const from = Math.max(0, this.#end - KEPT_SAMPLES);
    const latest = Int16Array.from(
      { length: this.#end - from },
      (_, index) => this.#ring[(from + index) % KEPT_SAMPLES] ?? 0,
    );
    return Buffer.from(latest.buffer);
  }
}
