/** Energy voice activity detection on 16 kHz audio, on the clock of the audio itself. Pure. */

const BLOCK_SAMPLES = 160;
const BLOCK_MS = 10;
const EVERY = 4;
/** Mean of the absolute sample values, about -42 dBFS for a sine. */
const THRESHOLD = 165;
const BLOCKS_TO_START = 8;
/** After this much silence the next voiced block is an onset. */
const ONSET_SILENCE_MS = 100;

export type VoiceChange = 'started' | 'stopped' | null;

export class VoiceActivity {
  readonly #endpointMs: number;
  #voicedBlocks = 0;
  #silentMs = ONSET_SILENCE_MS;
  #speechMs = 0;
  #isSpeaking = false;
  #onsets = 0;
  #rest: number[] = [];

  constructor(endpointMs: number) {
    this.#endpointMs = endpointMs;
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  /** Length of the current or last stretch of speech, without the silence that ended it. */
  get spokenMs(): number {
    return this.#speechMs;
  }

  /** How often sound began after silence, however short it was. */
  get onsets(): number {
    return this.#onsets;
  }

  /** Takes audio of any length. Of several changes in one piece the last is returned. */
  accept(pcm: Int16Array): VoiceChange {
    let change: VoiceChange = null;
    let start = 0;
    if (this.#rest.length > 0) {
      start = Math.min(pcm.length, BLOCK_SAMPLES - this.#rest.length);
      this.#rest.push(...pcm.subarray(0, start));
      if (this.#rest.length < BLOCK_SAMPLES) return null;
      change = this.#acceptBlock(isVoiced(this.#rest, 0));
      this.#rest = [];
    }
    for (; start + BLOCK_SAMPLES <= pcm.length; start += BLOCK_SAMPLES) {
      change = this.#acceptBlock(isVoiced(pcm, start)) ?? change;
    }
    if (start < pcm.length) this.#rest = [...pcm.subarray(start)];
    return change;
  }

  /** The stream has ended: speech in progress is over. */
  end(): VoiceChange {
    if (!this.#isSpeaking) return null;
    return this.#stop();
  }

  #acceptBlock(voiced: boolean): VoiceChange {
    if (voiced) return this.#acceptVoiced();
    this.#silentMs += BLOCK_MS;
    if (this.#isSpeaking) return this.#silentMs >= this.#endpointMs ? this.#stop() : null;
    this.#voicedBlocks = Math.max(0, this.#voicedBlocks - 1);
    return null;
  }

  #acceptVoiced(): VoiceChange {
    if (this.#silentMs >= ONSET_SILENCE_MS) this.#onsets += 1;
    if (this.#isSpeaking) {
      this.#speechMs += this.#silentMs + BLOCK_MS;
      this.#silentMs = 0;
      return null;
    }
    this.#silentMs = 0;
    this.#voicedBlocks += 1;
    if (this.#voicedBlocks < BLOCKS_TO_START) return null;
    this.#isSpeaking = true;
    this.#speechMs = BLOCKS_TO_START * BLOCK_MS;
    return 'started';
  }

  #stop(): VoiceChange {
    this.#isSpeaking = false;
    this.#voicedBlocks = 0;
    return 'stopped';
  }
}

const isVoiced = (pcm: ArrayLike<number>, start: number): boolean => {
  let sum = 0;
  for (let at = start; at < start + BLOCK_SAMPLES; at += EVERY) sum += Math.abs(pcm[at] ?? 0);
  return sum > (THRESHOLD * BLOCK_SAMPLES) / EVERY;
};
