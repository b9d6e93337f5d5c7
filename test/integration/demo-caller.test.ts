import { afterEach, describe, expect, it } from 'vitest';
import { createFrameWheel } from '#demo/frame-wheel.ts';
import { decodeMulaw, encodeMulaw, mulawLevel, mulawTone } from '#demo/mulaw.ts';
import { openRtpStream } from '#demo/rtp-stream.ts';
import type { RtpStream } from '#demo/rtp-stream.ts';

const streams: RtpStream[] = [];
const wheel = createFrameWheel();
const open = async (): Promise<RtpStream> => {
  const stream = await openRtpStream({ host: '127.0.0.1', wheel, keepAudio: true });
  streams.push(stream);
  return stream;
};
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});

describe('the audio of the test caller', () => {
  it('arrives as it was played, frame by frame, with nothing lost', async () => {
    const [speaker, listener] = [await open(), await open()];
    const tone = mulawTone(440, 400);
    const playing = speaker.play(tone);
    const arrived = new Promise<void>((resolve) => listener.onPacket(() => listener.heard.length === 25 && resolve()));
    speaker.sendTo({ host: '127.0.0.1', port: listener.port });
    await Promise.all([playing, arrived]);
    const heard = Buffer.concat(listener.heard.slice(0, 20).map(({ payload }) => payload));
    expect(heard.equals(Buffer.from(tone))).toBe(true);
    expect(listener.heard.slice(20).map(({ payload }) => mulawLevel(payload))).toEqual([0, 0, 0, 0, 0]);
    expect(listener.statistics()).toMatchObject({ lost: 0, reordered: 0, malformed: 0, ssrcs: 1 });
  });

  it('counts what is no RTP and goes on', async () => {
    const [speaker, listener] = [await open(), await open()];
    const arrived = new Promise<void>((resolve) => listener.onPacket(() => resolve()));
    speaker.sendTo({ host: '127.0.0.1', port: listener.port });
    speaker.sendRaw(new Uint8Array(11));
    await arrived;
    expect(listener.statistics().malformed).toBe(1);
  });

  it('decodes what it encodes to within a µ-law step', () => {
    const samples = Int16Array.from({ length: 2_000 }, (_, n) => Math.round(30_000 * Math.sin(n / 7)));
    const decoded = decodeMulaw(encodeMulaw(samples));
    const worst = Math.max(...samples.map((sample, n) => Math.abs(sample - (decoded[n] ?? 0)) - Math.abs(sample) / 32));
    expect(worst).toBeLessThanOrEqual(4);
  });
});
