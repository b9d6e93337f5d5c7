import { describe, expect, test } from 'vitest';
import { createRtpSender } from '#media/playout/rtp-sender.ts';
import { createRtpView, parseRtp } from '#media/rtp/rtp-packet.ts';
import { continuedStream, newStream } from '#media/rtp/stream-origin.ts';

const headerOf = (bytes: Uint8Array) => {
  const view = createRtpView();
  parseRtp(bytes, view);
  const { ssrc, sequence, timestamp, marker } = view;
  return { ssrc, sequence, timestamp, marker };
};

test('a new stream begins at random places that fit their fields', () => {
  expect(newStream(() => 0)).toEqual({ ssrc: 0, firstSequence: 0, firstTimestamp: 0 });
  expect(newStream(() => 1 - Number.EPSILON)).toEqual({
    ssrc: 0xffff_ffff,
    firstSequence: 0xffff,
    firstTimestamp: 0xffff_ffff,
  });
});

describe.each([0, 1, 65_300, 65_535])('a stream that began at sequence %i', (firstSequence) => {
  const stream = { ssrc: 7, firstSequence, firstTimestamp: 0xffff_ff00 };

  test('goes on with its timestamps, a hundred packets further, with the marker', () => {
    const before = createRtpSender(stream);
    const last = headerOf(Array.from({ length: 50 }, (_, frame) => before.finish(frame * 160, 0)).at(-1)!);
    const after = createRtpSender(continuedStream(stream, 2_000));
    expect(headerOf(after.finish(16_000, 0))).toEqual({
      ssrc: 7,
      sequence: (last.sequence + 51 + 100) % 0x1_0000,
      timestamp: (last.timestamp + 51 * 160) % 0x1_0000_0000,
      marker: true,
    });
  });

  test('never goes back when it is continued again and again', () => {
    let sequence = firstSequence + 50;
    for (let elapsedMs = 1_000; elapsedMs < 3_000_000; elapsedMs += 1_700) {
      const next = continuedStream(stream, elapsedMs).firstSequence;
      const step = (next - sequence + 0x1_0000) % 0x1_0000;
      expect(step).toBeGreaterThan(0);
      expect(step).toBeLessThan(0x8000);
      // It sent for a second more before it was cut off once again.
      sequence = (next + 50) % 0x1_0000;
    }
  });
});
