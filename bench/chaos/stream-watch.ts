/** What one caller hears, packet by packet: when nothing came, when nothing was said, and whether the tone was its own. */
import { decodeMulaw, mulawLevel } from '#demo/mulaw.ts';
import type { HeardPacket, RtpStream } from '#demo/rtp-stream.ts';
import { shareOfTone } from './watermark.ts';

/** `performance.now()` of the last before and the first after. */
export type Gap = { from: number; to: number };

export type StreamWatch = {
  readonly lastPacketAt: number | null;
  readonly lastVoiceAt: number | null;
  /** How often a fifth of a second of sound was not the tone expected. */
  readonly foreignBlocks: number;
  /** From now on every sound is to be this tone. */
  expectTone(hz: number): void;
  /** The longest time without a packet, and without a voiced packet, that reaches into the time from `since` on. */
  longestGap(what: 'packet' | 'voice', since: number): number;
  packetGaps(since: number): readonly Gap[];
  /** When the last voiced packet up to this moment came. */
  voiceBefore(at: number): number;
  onVoice(listener: (at: number) => void): () => void;
};

const VOICE_LEVEL = 0.01;
const PACKET_GAP_MS = 60;
const VOICE_GAP_MS = 200;
const BLOCK_PACKETS = 5;
/** Where its own tone was cut and goes on, its phase jumps: that spoils one block, what is foreign spoils the next one as well. */
const FOREIGN_IN_A_ROW = 2;
const OWN_SHARE = 0.5;
const KEPT_GAPS = 2_000;
const TELEPHONE_HZ = 8_000;

const keepGap = (gaps: Gap[], from: number | null, to: number, leastMs: number): void => {
  if (from === null || to - from < leastMs) return;
  gaps.push({ from, to });
  if (gaps.length > KEPT_GAPS) gaps.shift();
};

export const watchStream = (audio: RtpStream): StreamWatch => {
  const gaps = { packet: [] as Gap[], voice: [] as Gap[] };
  const listeners = new Set<(at: number) => void>();
  let last = { packet: null as number | null, voice: null as number | null };
  let expectedHz: number | null = null;
  let block: HeardPacket[] = [];
  let foreignBlocks = 0;
  let inARow = 0;

  const beginBlocks = (): void => {
    block = [];
    inARow = 0;
  };

  const judge = (packet: HeardPacket): void => {
    const before = block.at(-1);
    if (before && ((before.sequence + 1) & 0xffff) !== packet.sequence) beginBlocks();
    block.push(packet);
    if (block.length < BLOCK_PACKETS) return;
    const pcm = block.flatMap(({ payload }) => [...decodeMulaw(payload)]);
    block = [];
    const isForeign = expectedHz !== null && shareOfTone(pcm, expectedHz, TELEPHONE_HZ) < OWN_SHARE;
    inARow = isForeign ? inARow + 1 : 0;
    if (inARow === FOREIGN_IN_A_ROW) foreignBlocks += 1;
  };

  audio.onPacket((packet) => {
    const { at } = packet;
    keepGap(gaps.packet, last.packet, at, PACKET_GAP_MS);
    last = { ...last, packet: at };
    if (mulawLevel(packet.payload) <= VOICE_LEVEL) {
      beginBlocks();
      return;
    }
    keepGap(gaps.voice, last.voice, at, VOICE_GAP_MS);
    last.voice = at;
    judge(packet);
    for (const listener of listeners) listener(at);
  });

  return {
    get lastPacketAt() {
      return last.packet;
    },
    get lastVoiceAt() {
      return last.voice;
    },
    get foreignBlocks() {
      return foreignBlocks;
    },
    expectTone: (hz) => void (expectedHz = hz),
    longestGap: (what, since) => {
      const open = performance.now() - (last[what] ?? since);
      const closed = gaps[what].filter(({ to }) => to > since).map(({ from, to }) => to - from);
      return Math.max(open, 0, ...closed);
    },
    packetGaps: (since) => gaps.packet.filter(({ to }) => to > since),
    voiceBefore: (at) =>
      gaps.voice.find(({ from, to }) => from <= at && at < to)?.from ?? Math.min(at, last.voice ?? 0),
    onVoice: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
