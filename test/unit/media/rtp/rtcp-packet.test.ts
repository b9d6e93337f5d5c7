import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compactNtp, parseRtcp, writeRtcp } from '#media/rtp/rtcp-packet.ts';

const wallMs = Date.UTC(2025, 0, 1, 0, 0, 0, 500);
const reception = {
  ssrc: 7,
  fractionLost: 64,
  cumulativeLost: -2,
  highestSequence: 65_600,
  jitter: 80,
  lastSenderReport: 0x1234_5678,
  delayMs: 1_000,
};

test('a report with SDES and BYE is read back by the one that it is about', () => {
  const sender = { wallMs, rtpTimestamp: 160, packets: 5, octets: 800 };
  const bytes = writeRtcp({ ssrc: 99, cname: 'a@b', sender, reception, isBye: true });
  expect(bytes.length % 4).toBe(0);
  expect(parseRtcp(bytes, 7)).toEqual({
    ssrc: 99,
    senderReport: compactNtp(wallMs),
    reception: { fractionLost: 0.25, jitter: 80, lastSenderReport: 0x1234_5678, delay: 65_536 },
    isBye: true,
  });
});

test('a receiver report about somebody else says nothing about us', () => {
  const bytes = writeRtcp({ ssrc: 99, cname: 'x'.repeat(300), sender: null, reception, isBye: false });
  expect(parseRtcp(bytes, 8)).toEqual({ ssrc: 99, senderReport: null, reception: null, isBye: false });
});

test('half a second is half of the fraction of the NTP time', () => {
  expect(compactNtp(wallMs) & 0xffff).toBe(0x8000);
});

test('M3: no datagram makes the parser throw', () => {
  const anything = fc.uint8Array({ maxLength: 200 });
  const almost = anything.map((bytes) => {
    if (bytes.length >= 4) bytes.set([0x81, 200, 0, (bytes.length >> 2) - 1]);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(anything, almost), (bytes) => {
      parseRtcp(bytes, 7);
    }),
  );
});
