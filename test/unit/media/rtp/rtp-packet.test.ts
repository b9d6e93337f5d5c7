import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRtpView, parseRtp, sequenceDistance, timestampDistance, writeRtpHeader } from '#media/rtp/rtp-packet.ts';

const header = { payloadType: 8, marker: true, sequence: 65_535, timestamp: 0xffff_ff60, ssrc: 0xdead_beef };

const packet = (first: number, ...rest: number[]): Uint8Array => {
  const bytes = new Uint8Array(12 + rest.length);
  writeRtpHeader(bytes, header);
  bytes[0] = first;
  bytes.set(rest, 12);
  return bytes;
};

const parsed = (bytes: Uint8Array) => {
  const view = createRtpView();
  return parseRtp(bytes, view) ? { ...view } : null;
};

test('a header that was written is read back', () => {
  expect(parsed(packet(0x80, 1, 2, 3))).toEqual({ ...header, payloadOffset: 12, payloadLength: 3 });
});

describe('M3: what is not payload is left out', () => {
  const rows: [string, Uint8Array, { payloadOffset: number; payloadLength: number } | null][] = [
    ['no octets', new Uint8Array(0), null],
    ['11 octets', packet(0x80).subarray(0, 11), null],
    ['12 octets, no payload', packet(0x80), { payloadOffset: 12, payloadLength: 0 }],
    ['13 octets, one sample', packet(0x80, 9), { payloadOffset: 12, payloadLength: 1 }],
    ['1500 octets', packet(0x80, ...new Uint8Array(1_488)), { payloadOffset: 12, payloadLength: 1_488 }],
    ['version 1', packet(0x40, 9), null],
    ['two CSRC', packet(0x82, ...new Uint8Array(8), 7, 7), { payloadOffset: 20, payloadLength: 2 }],
    ['more CSRC than octets', packet(0x8f, 1, 2, 3), null],
    [
      'an extension of one word',
      packet(0x90, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 7),
      { payloadOffset: 20, payloadLength: 1 },
    ],
    ['an extension of no words', packet(0x90, 0xbe, 0xde, 0, 0, 7), { payloadOffset: 16, payloadLength: 1 }],
    ['an extension longer than the packet', packet(0x90, 0xbe, 0xde, 0xff, 0xff, 1), null],
    ['an extension cut in its header', packet(0x90, 0xbe, 0xde), null],
    ['padding', packet(0xa0, 7, 7, 0, 0, 3), { payloadOffset: 12, payloadLength: 2 }],
    ['padding only', packet(0xa0, 0, 0, 0, 4), { payloadOffset: 12, payloadLength: 0 }],
    ['padding longer than the payload', packet(0xa0, 7, 9), null],
    ['padding of length zero', packet(0xa0, 7, 0), null],
    [
      'CSRC, extension and padding together',
      packet(0xb1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 7, 7, 1),
      { payloadOffset: 24, payloadLength: 2 },
    ],
  ];
  test.each(rows)('%s', (_, bytes, expected) => {
    expect(parsed(bytes)).toEqual(expected === null ? null : { ...header, ...expected });
  });
});

test('M3: no datagram makes the parser throw or point outside of it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_600 }), (bytes) => {
      const view = createRtpView();
      if (!parseRtp(bytes, view)) return;
      expect(view.payloadOffset).toBeGreaterThanOrEqual(12);
      expect(view.payloadLength).toBeGreaterThanOrEqual(0);
      expect(view.payloadOffset + view.payloadLength).toBeLessThanOrEqual(bytes.length);
    }),
  );
});

test.each([
  [0, 1, 1],
  [65_535, 0, 1],
  [65_534, 1, 3],
  [0, 65_535, -1],
  [127, 128, 1],
  [0, 32_767, 32_767],
])('the way from sequence %i to %i is %i', (from, to, distance) => {
  expect(sequenceDistance(from, to)).toBe(distance);
});

test('timestamps wrap', () => {
  expect(timestampDistance(0xffff_ff60, 0)).toBe(160);
  expect(timestampDistance(0, 0xffff_ff60)).toBe(-160);
});
