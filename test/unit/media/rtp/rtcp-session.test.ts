import { expect, test } from 'vitest';
import { createReception } from '#media/rtp/reception.ts';
import { parseRtcp, type SenderInfo } from '#media/rtp/rtcp-packet.ts';
import { createRtcpSession } from '#media/rtp/rtcp-session.ts';

const wall = Date.UTC(2025, 0, 1);
const session = (ssrc: number) =>
  createRtcpSession({ ssrc, cname: `${ssrc}@test`, random: () => 0.5 }, createReception());
const sender = (octets: number, atMs = 0): SenderInfo => ({
  wallMs: wall + atMs,
  rtpTimestamp: 0,
  packets: octets / 160,
  octets,
});

test('a report is due soon after the start and then every five seconds', () => {
  const ours = session(1);
  const due: number[] = [];
  for (let ms = 0; ms <= 20_000; ms += 20) if (ours.poll(ms, wall + ms, sender(ms * 8)) !== null) due.push(ms);
  expect(due).toEqual([1_760, 6_760, 11_760, 16_760]);
});

test('the round trip is what is left of the time after the delay at the other end', () => {
  const ours = session(1);
  ours.poll(0, wall, sender(0));
  const ourReport = ours.poll(5_000, wall + 5_000, sender(1_600, 5_000));
  const theirReception = createReception();
  theirReception.note({ ssrc: 1, sequence: 1, timestamp: 0 }, 0);
  const theirs = createRtcpSession({ ssrc: 2, cname: '2@test', random: () => 0.5 }, theirReception);
  expect(ourReport).not.toBeNull();
  if (ourReport === null) return;
  theirs.receive(ourReport, wall + 5_030);
  ours.receive(theirs.bye(wall + 7_030, null), wall + 7_060);
  expect(ours.remote()).toEqual({ lossFraction: 0, jitterMs: 0, roundTripMs: 60 });
});

test('without new packets since the last one a report is a receiver report', () => {
  const ours = session(1);
  expect(parseRtcp(ours.bye(wall, sender(160)), 0)?.senderReport).not.toBeNull();
  expect(parseRtcp(ours.bye(wall, sender(160)), 0)?.senderReport).toBeNull();
});

test('what is not RTCP is refused and changes nothing', () => {
  const ours = session(1);
  expect(ours.receive(new Uint8Array([0x80, 0, 0, 0]), wall)).toBe(false);
  expect(ours.remote()).toEqual({ lossFraction: null, jitterMs: null, roundTripMs: null });
});
