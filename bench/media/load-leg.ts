/** The RTP of one load caller, lean enough that its own work does not show in what it measures. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A stretch of voiced packets as they arrived; times are epoch milliseconds with fractions. */
export type VoicedRun = {
  /** Arrival of the last packet before the stretch. */
  beforeAt: number;
  firstAt: number;
  lastAt: number;
};

/** When the first two packets of a sound left. */
export type Sound = { firstSentAt: number; secondSentAt: number };

type LegCounts = { sent: number; received: number; lost: number; late: number };

export type LegReport = { runs: readonly VoicedRun[]; sounds: readonly Sound[]; counts: LegCounts };

const HEADER_BYTES = 12;
const FRAME_BYTES = 160;
const PACKET_BYTES = HEADER_BYTES + FRAME_BYTES;
const FRAME_MS = 20;
const BUFFERS = 8;
const SILENT_PACKETS_TO_END = 3;
const SAMPLE_EVERY = 10;
/** The upper half of the µ-law range: above about -30 dBFS. */
const VOICED_SEGMENT = 4;

export const epochNow = (): number => performance.timeOrigin + performance.now();

/** Of a packet of µ-law. */
export const isVoiced = (packet: Uint8Array): boolean => {
  for (let at = HEADER_BYTES; at < packet.length; at += SAMPLE_EVERY) {
    if (((~packet[at]! >> 4) & 0x07) >= VOICED_SEGMENT) return true;
  }
  return false;
};

export class LoadLeg {
  /** |time between packets - 20 ms| of neighbours in sequence, while `isMeasuring`. */
  readonly deviationsMs: number[] = [];
  isMeasuring = false;
  readonly #runs: VoicedRun[] = [];
  readonly #sounds: Sound[] = [];
  readonly #socket: Socket;
  readonly #background: Uint8Array;
  readonly #buffers = Array.from({ length: BUFFERS }, () => new Uint8Array(PACKET_BYTES));
  readonly #counts = { sent: 0, received: 0, late: 0 };
  #backgroundAt = 0;
  #sound: { audio: Uint8Array; at: number } | null = null;
  #isOpen = false;
  #first = -1;
  #highest = 0;
  #lastAt = 0;
  #run: VoicedRun | null = null;
  #silentPackets = 0;

  private constructor(socket: Socket, background: Uint8Array) {
    this.#socket = socket;
    this.#background = background;
    socket.on('message', (packet) => this.#receive(packet));
    // The application may close its port first.
    socket.on('error', () => {});
  }

  /** `background` is µ-law, whole frames, repeated. */
  static async open(host: string, background: Uint8Array): Promise<LoadLeg> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 256 * 1024 });
    socket.bind(0, host);
    await once(socket, 'listening');
    return new LoadLeg(socket, background);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Voiced packets are coming, since this many milliseconds. */
  get voicedForMs(): number | null {
    return this.#run && this.#silentPackets === 0 ? epochNow() - this.#run.firstAt : null;
  }

  /** A sound may begin on a packet with an even number only, so that it always lies alike in the model's chunks. */
  get mayBeginSound(): boolean {
    return this.#sound === null && this.#counts.sent % 2 === 0;
  }

  /** What was seen since the last report; a stretch that goes on is in the next one again. */
  report(): LegReport {
    const runs = this.#runs.splice(0);
    if (this.#run) this.#runs.push(this.#run);
    return { runs, sounds: this.#sounds.splice(0), counts: this.#countsNow() };
  }

  async connect(target: { host: string; port: number }): Promise<void> {
    this.#socket.connect(target.port, target.host);
    await once(this.#socket, 'connect');
    this.#isOpen = true;
  }

  begin(audio: Uint8Array): void {
    this.#sound = { audio, at: 0 };
  }

  /** Sends one packet; to be called every 20 ms. */
  send(): void {
    if (!this.#isOpen) return;
    const { sent } = this.#counts;
    const packet = this.#buffers[sent % BUFFERS]!;
    packet[0] = 0x80;
    packet[1] = sent === 0 ? 0x80 : 0;
    packet[2] = sent >> 8;
    packet[3] = sent;
    const timestamp = sent * FRAME_BYTES;
    packet[4] = timestamp >>> 24;
    packet[5] = timestamp >>> 16;
    packet[6] = timestamp >>> 8;
    packet[7] = timestamp;
    packet.set(this.#nextFrame(), HEADER_BYTES);
    this.#socket.send(packet);
    this.#counts.sent += 1;
  }

  stop(): void {
    this.#isOpen = false;
  }

  close(): void {
    this.#isOpen = false;
    this.#socket.close();
  }

  #countsNow(): LegCounts {
    const expected = this.#first < 0 ? 0 : this.#highest - this.#first + 1;
    return { ...this.#counts, lost: Math.max(0, expected - this.#counts.received) };
  }

  #nextFrame(): Uint8Array {
    const sound = this.#sound;
    if (sound) return this.#nextOfSound(sound);
    const at = this.#backgroundAt;
    this.#backgroundAt = (at + FRAME_BYTES) % this.#background.length;
    return this.#background.subarray(at, at + FRAME_BYTES);
  }

  #nextOfSound(sound: { audio: Uint8Array; at: number }): Uint8Array {
    if (sound.at === 0) this.#sounds.push({ firstSentAt: epochNow(), secondSentAt: 0 });
    else if (sound.at === FRAME_BYTES) this.#sounds.at(-1)!.secondSentAt = epochNow();
    const frame = sound.audio.subarray(sound.at, sound.at + FRAME_BYTES);
    sound.at += FRAME_BYTES;
    if (sound.at + FRAME_BYTES > sound.audio.length) this.#sound = null;
    return frame;
  }

  #receive(packet: Uint8Array): void {
    const at = epochNow();
    const sequence = (packet[2]! << 8) | packet[3]!;
    this.#counts.received += 1;
    if (this.#first < 0) this.#first = this.#highest = sequence;
    const step = ((sequence - this.#highest) << 16) >> 16;
    if (step < 0) {
      this.#counts.late += 1;
      return;
    }
    this.#highest += step;
    if (this.isMeasuring && step === 1) this.deviationsMs.push(Math.abs(at - this.#lastAt - FRAME_MS));
    this.#noteVoice(isVoiced(packet), at);
    this.#lastAt = at;
  }

  #noteVoice(voiced: boolean, at: number): void {
    if (!voiced) {
      this.#silentPackets += 1;
      if (this.#silentPackets >= SILENT_PACKETS_TO_END) this.#run = null;
      return;
    }
    this.#silentPackets = 0;
    if (this.#run) this.#run.lastAt = at;
    else this.#runs.push((this.#run = { beforeAt: this.#lastAt, firstAt: at, lastAt: at }));
  }
}
