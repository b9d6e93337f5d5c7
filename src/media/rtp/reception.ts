/** What was received of the peer's stream: sequence, loss and jitter (RFC 3550 6.4.1, A.1, A.3, A.8). */
import { sequenceDistance, timestampDistance } from './rtp-packet.ts';

export type ReceptionReport = {
  ssrc: number;
  /** In 1/256, since the last report. */
  fractionLost: number;
  cumulativeLost: number;
  highestSequence: number;
  /** In timestamp units. */
  jitter: number;
};

export type Reception = {
  note(packet: { ssrc: number; sequence: number; timestamp: number }, arrivalMs: number): void;
  /** Over all streams of the call. */
  received(): number;
  lost(): number;
  jitterMs(): number;
  /** The block for RTCP, or null before the first packet; starts a new interval. */
  report(): ReceptionReport | null;
};

const CLOCK_PER_MS = 8;
/** A step beyond this, either way, is a restarted stream, not loss (RFC 3550 A.1: MAX_DROPOUT, MAX_MISORDER). */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;

export const createReception = (): Reception => {
  let ssrc: number | null = null;
  let highest = 0;
  let cycles = 0;
  let base = 0;
  let receivedOfStream = 0;
  let receivedBefore = 0;
  let lostBefore = 0;
  let expectedAtReport = 0;
  let receivedAtReport = 0;
  let jitter = 0;
  let lastTransit: number | null = null;
  let lastTimestamp = 0;

  const expected = (): number => (receivedOfStream === 0 ? 0 : cycles + highest - base + 1);
  const lostOfStream = (): number => Math.max(0, expected() - receivedOfStream);

  const restart = (packet: { ssrc: number; sequence: number }): void => {
    receivedBefore += receivedOfStream;
    lostBefore += lostOfStream();
    ssrc = packet.ssrc;
    base = packet.sequence;
    highest = packet.sequence;
    cycles = 0;
    receivedOfStream = 0;
    expectedAtReport = 0;
    receivedAtReport = 0;
    lastTransit = null;
  };

  const noteJitter = (timestamp: number, arrivalMs: number): void => {
    const step = lastTransit === null ? 0 : timestampDistance(lastTimestamp, timestamp);
    const arrival = arrivalMs * CLOCK_PER_MS;
    if (lastTransit !== null) jitter += (Math.abs(arrival - lastTransit - step) - jitter) / 16;
    lastTransit = arrival;
    lastTimestamp = timestamp;
  };

  return {
    note: (packet, arrivalMs) => {
      const step = sequenceDistance(highest, packet.sequence);
      if (packet.ssrc !== ssrc || step > MAX_DROPOUT || step < -MAX_MISORDER) restart(packet);
      else if (step > 0) {
        if (packet.sequence < highest) cycles += 0x10000;
        highest = packet.sequence;
      }
      receivedOfStream += 1;
      noteJitter(packet.timestamp, arrivalMs);
    },
    received: () => receivedBefore + receivedOfStream,
    lost: () => lostBefore + lostOfStream(),
    jitterMs: () => jitter / CLOCK_PER_MS,
    report: () => {
      if (ssrc === null) return null;
      const expectedNow = expected();
      const expectedSince = expectedNow - expectedAtReport;
      const lostSince = expectedSince - (receivedOfStream - receivedAtReport);
      expectedAtReport = expectedNow;
      receivedAtReport = receivedOfStream;
      return {
        ssrc,
        fractionLost:
          expectedSince > 0 && lostSince > 0 ? Math.min(255, Math.floor((lostSince << 8) / expectedSince)) : 0,
        cumulativeLost: Math.max(-0x800000, Math.min(0x7fffff, expectedNow - receivedOfStream)),
        highestSequence: (cycles + highest) >>> 0,
        jitter: Math.round(jitter),
      };
    },
  };
};
