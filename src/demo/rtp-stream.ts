/** The audio side of the test caller: a µ-law frame every 20 ms out, and what comes in with its arrival times. */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { FrameWheel } from './frame-wheel.ts';
import { MULAW_SILENCE, mulawLevel } from './mulaw.ts';

export type HeardPacket = {
  /** `performance.now()` at arrival. */
  at: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  marker: boolean;
  payload: Uint8Array;
};

export type StreamStatistics = {
  sent: number;
  received: number;
  lost: number;
  reordered: number;
  /** RFC 3550 inter-arrival jitter. */
  jitterMs: number;
  longestGapMs: number;
  ssrcs: number;
  malformed: number;
};

export type RtpStream = {
  readonly port: number;
  /** Null: nothing is sent. */
  sendTo(target: { host: string; port: number } | null): void;
  /** Queue µ-law audio; resolves when its last frame has left. */
  play(audio: Uint8Array): Promise<void>;
  stopPlaying(): void;
  /** Received packets in order of arrival; empty when they are not kept. */
  readonly heard: readonly HeardPacket[];
  /** Level (0 to 1) of the latest received frame, and when the latest frame above the voice level came. */
  readonly latestVoiceAt: number | null;
  onPacket(listener: (packet: HeardPacket) => void): void;
  statistics(): StreamStatistics;
  /** Send any bytes to the present target, outside of the stream. */
  sendRaw(bytes: Uint8Array): void;
  close(): void;
};

const FRAME_BYTES = 160;
const HEADER_BYTES = 12;
const PCMU = 0;
const VOICE_LEVEL = 0.01;
const SILENCE = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE);

type Playing = { audio: Uint8Array; position: number; done: () => void };

const createReceiver = (keep: boolean) => {
  const heard: HeardPacket[] = [];
  const ssrcs = new Set<number>();
  const counts = { received: 0, malformed: 0, reordered: 0 };
  let jitter = 0;
  let longestGapMs = 0;
  let latestVoiceAt: number | null = null;
  let last: { at: number; timestamp: number } | null = null;
  let first = -1;
  let highest = -1;

  const measure = (at: number, sequence: number, timestamp: number) => {
    if (last) {
      longestGapMs = Math.max(longestGapMs, at - last.at);
      const difference = Math.abs((at - last.at) * 8 - ((timestamp - last.timestamp) | 0));
      jitter += (difference - jitter) / 16;
    }
    last = { at, timestamp };
    if (first < 0) first = highest = sequence;
    const ahead = ((sequence - highest) << 16) >> 16;
    if (ahead < 0) counts.reordered += 1;
    else highest += ahead;
  };

  return {
    heard,
    take(bytes: Uint8Array): HeardPacket | null {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (bytes.length <= HEADER_BYTES || view.getUint8(0) !== 0x80 || (view.getUint8(1) & 0x7f) !== PCMU) {
        counts.malformed += 1;
        return null;
      }
      const packet: HeardPacket = {
        at: performance.now(),
        sequence: view.getUint16(2),
        timestamp: view.getUint32(4),
        ssrc: view.getUint32(8),
        marker: (view.getUint8(1) & 0x80) !== 0,
        payload: bytes.subarray(HEADER_BYTES),
      };
      counts.received += 1;
      ssrcs.add(view.getUint32(8));
      measure(packet.at, packet.sequence, packet.timestamp);
      if (mulawLevel(packet.payload) > VOICE_LEVEL) latestVoiceAt = packet.at;
      if (keep) heard.push(packet);
      return packet;
    },
    get latestVoiceAt() {
      return latestVoiceAt;
    },
    statistics: () => ({
      ...counts,
      lost: first < 0 ? 0 : Math.max(0, highest - first + 1 - counts.received),
      jitterMs: jitter / 8,
      longestGapMs,
      ssrcs: ssrcs.size,
    }),
  };
};

const bind = async (host: string): Promise<Socket> => {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  // Media may reach a port that is closed by now; that ends nothing here.
  socket.on('error', () => undefined);
  return socket;
};

/** Binds a port and starts to send (silence, until something is played) once there is a target. */
export const openRtpStream = async (options: {
  host: string;
  wheel: FrameWheel;
  keepAudio: boolean;
}): Promise<RtpStream> => {
  const socket = await bind(options.host);
  const receiver = createReceiver(options.keepAudio);
  const listeners = new Set<(packet: HeardPacket) => void>();
  const queue: Playing[] = [];
  const random = new DataView(crypto.getRandomValues(new Uint8Array(10)).buffer);
  const packet = new Uint8Array(HEADER_BYTES + FRAME_BYTES);
  const header = new DataView(packet.buffer);
  let sequence = random.getUint16(0);
  let timestamp = random.getUint32(2);
  let target: { host: string; port: number } | null = null;
  let sent = 0;
  header.setUint8(0, 0x80);
  header.setUint32(8, random.getUint32(6));

  const nextFrame = (): Uint8Array => {
    const playing = queue[0];
    if (!playing) return SILENCE;
    const frame = playing.audio.subarray(playing.position, playing.position + FRAME_BYTES);
    playing.position += FRAME_BYTES;
    if (playing.position >= playing.audio.length) {
      queue.shift();
      playing.done();
    }
    return frame;
  };
  const onFrame = () => {
    if (!target) return;
    packet.set(SILENCE, HEADER_BYTES);
    packet.set(nextFrame(), HEADER_BYTES);
    header.setUint8(1, PCMU | (sent === 0 ? 0x80 : 0));
    header.setUint16(2, sequence);
    header.setUint32(4, timestamp);
    sequence = (sequence + 1) & 0xffff;
    timestamp = (timestamp + FRAME_BYTES) >>> 0;
    sent += 1;
    socket.send(packet.slice(), target.port, target.host);
  };
  const leave = options.wheel.add(onFrame);
  socket.on('message', (bytes) => {
    const received = receiver.take(bytes);
    if (received) for (const listener of listeners) listener(received);
  });

  return {
    port: socket.address().port,
    sendTo: (next) => void (target = next),
    play: (audio) => new Promise((done) => void queue.push({ audio, position: 0, done })),
    stopPlaying: () => {
      for (const { done } of queue.splice(0)) done();
    },
    heard: receiver.heard,
    get latestVoiceAt() {
      return receiver.latestVoiceAt;
    },
    onPacket: (listener) => void listeners.add(listener),
    statistics: () => ({ sent, ...receiver.statistics() }),
    sendRaw: (bytes) => {
      if (target) socket.send(bytes, target.port, target.host);
    },
    close: () => {
      leave();
      socket.close();
    },
  };
};
