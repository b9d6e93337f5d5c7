import dgram from 'node:dgram';
import { once } from 'node:events';
import { codecOf } from '#media/codec/g711.ts';
import { createRtpView, parseRtp, writeRtpHeader } from '#media/rtp/rtp-packet.ts';

/** More than a busy machine loses between two packets. */
const MOST_PACKETS_MISSED = 50;

export type HeardPacket = {
  at: number;
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
};

/** The other end of a call: an RTP socket that keeps what it hears and sends what it is told. */
export class RtpPeer {
  readonly heard: HeardPacket[] = [];
  sequence = 1;
  timestamp = 1_000;
  ssrc = 0x1234_5678;
  #socket = dgram.createSocket('udp4');
  #target = { host: '127.0.0.1', port: 0 };

  static async open(host = '127.0.0.1'): Promise<RtpPeer> {
    const peer = new RtpPeer();
    peer.#socket.on('message', (bytes) => peer.#take(bytes));
    peer.#socket.bind(0, host);
    await once(peer.#socket, 'listening');
    return peer;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  aim(target: { host: string; port: number }): void {
    this.#target = target;
  }

  /** Sends one packet of audio and moves on; `payloadType` 0 is PCMU. */
  sendAudio(payload: Uint8Array, payloadType = 0): void {
    this.sendPacket(payload, { payloadType });
    this.timestamp = (this.timestamp + payload.length) >>> 0;
  }

  sendPacket(payload: Uint8Array, options: { payloadType: number; timestamp?: number }): void {
    const packet = new Uint8Array(12 + payload.length);
    const { sequence, ssrc } = this;
    const timestamp = options.timestamp ?? this.timestamp;
    writeRtpHeader(packet, { payloadType: options.payloadType, marker: false, sequence, timestamp, ssrc });
    packet.set(payload, 12);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.sendRaw(packet);
  }

  /** The last packet of a key press (RFC 4733, payload type 101); what was sent before it has been heard when it is told. */
  press(digit: string): void {
    const event = '0123456789*#ABCD'.indexOf(digit);
    this.sendPacket(Uint8Array.of(event, 0x8a, 3, 32), { payloadType: 101 });
  }

  sendRaw(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#target.port, this.#target.host);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #take(bytes: Uint8Array): void {
    const view = createRtpView();
    if (!parseRtp(bytes, view)) return;
    const { payloadType, marker, sequence, timestamp, ssrc, payloadOffset, payloadLength } = view;
    const payload = bytes.slice(payloadOffset, payloadOffset + payloadLength);
    this.heard.push({ at: performance.now(), payloadType, marker, sequence, timestamp, ssrc, payload });
  }
}

/** Index of the first packet of a stream that goes on elsewhere: its sequence has leapt. -1: there is none. */
export const leapIn = (heard: readonly HeardPacket[]): number =>
  heard.findIndex(
    ({ sequence }, index) => index > 0 && ((sequence - heard[index - 1]!.sequence) & 0xffff) > MOST_PACKETS_MISSED,
  );

/** A 20 ms frame of a tone, PCMU; `frame` keeps the phase from one frame to the next. */
export const toneFrame = (frequencyHz: number, frame: number, amplitude = 8_000): Uint8Array => {
  const pcm = Int16Array.from(
    { length: 160 },
    (_, index) => amplitude * Math.sin((2 * Math.PI * frequencyHz * (frame * 160 + index)) / 8_000),
  );
  const out = new Uint8Array(160);
  codecOf('PCMU').encode(pcm, 160, out);
  return out;
};

/** A tone at 24 kHz, as the model sends it. */
export const modelTone = (frequencyHz: number, ms: number, amplitude = 8_000): Int16Array =>
  Int16Array.from(
    { length: ms * 24 },
    (_, index) => amplitude * Math.sin((2 * Math.PI * frequencyHz * index) / 24_000),
  );

/** Strength of one frequency in 16-bit audio, as the amplitude of its sine. */
export const strengthOf = (pcm: Int16Array, frequencyHz: number, sampleRateHz: number): number => {
  let real = 0;
  let imaginary = 0;
  for (let index = 0; index < pcm.length; index += 1) {
    const angle = (2 * Math.PI * frequencyHz * index) / sampleRateHz;
    real += pcm[index]! * Math.cos(angle);
    imaginary += pcm[index]! * Math.sin(angle);
  }
  return pcm.length === 0 ? 0 : (2 * Math.hypot(real, imaginary)) / pcm.length;
};
