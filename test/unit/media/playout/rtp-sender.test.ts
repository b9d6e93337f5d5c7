import { describe, expect, test } from 'vitest';
import { createRtpSender } from '#media/playout/rtp-sender.ts';
import { createRtpView, parseRtp } from '#media/rtp/rtp-packet.ts';

const headerOf = (bytes: Uint8Array) => {
  const view = createRtpView();
  parseRtp(bytes, view);
  return { sequence: view.sequence, timestamp: view.timestamp, marker: view.marker };
};

describe.each([0, 1, 127, 65_534, 65_535])('a stream that starts at sequence %i', (firstSequence) => {
  test('counts packets in the sequence and time in the timestamp', () => {
    const sender = createRtpSender({ ssrc: 5, firstSequence, firstTimestamp: 0xffff_ff60 });
    const headers = [0, 160, 320].map((position) => headerOf(sender.finish(position, 0)));
    expect(headers).toEqual([
      { sequence: firstSequence, timestamp: 0xffff_ff60, marker: true },
      { sequence: (firstSequence + 1) & 0xffff, timestamp: 0, marker: false },
      { sequence: (firstSequence + 2) & 0xffff, timestamp: 160, marker: false },
    ]);
  });
});

test('M4: after a gap the timestamp has gone on with the clock, the sequence has not, and the marker is set', () => {
  const sender = createRtpSender({ ssrc: 5, firstSequence: 10, firstTimestamp: 0 });
  sender.finish(0, 0);
  expect(headerOf(sender.finish(8_000, 0))).toEqual({ sequence: 11, timestamp: 8_000, marker: true });
});

test('a packet is not overwritten while the socket may still hold it', () => {
  const sender = createRtpSender({ ssrc: 5, firstSequence: 0, firstTimestamp: 0 });
  sender.payload().fill(7);
  const first = sender.finish(0, 0);
  for (let index = 1; index < 8; index += 1) {
    sender.payload().fill(9);
    sender.finish(index * 160, 0);
  }
  expect([...first.subarray(12)].every((octet) => octet === 7)).toBe(true);
});
