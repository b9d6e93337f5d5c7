/**
 * Where on the recording's clock a received packet lies. Within a stream the RTP timestamp says it exactly; arrival
 * ties the stream to the clock, by the packet that was delayed least of the last two seconds.
 */
import { timestampDistance } from '#media/rtp/rtp-packet.ts';

export type CallerPlacement = {
  /** Position in samples of a packet that arrived at `arrival` (samples on the recording's clock). */
  place(packet: { ssrc: number; timestamp: number }, arrival: number): number;
};

const WINDOW_PACKETS = 100;
/** Shifts below this are left alone: 8 ms. */
const TOLERANCE = 64;
/** A timestamp this far from the clock does not follow it (the sender restarted its clock): 2 s. */
const JUMP = 16_000;

export const createCallerPlacement = (): CallerPlacement => {
  let ssrc: number | null = null;
  let baseTimestamp = 0;
  let basePosition = 0;
  let leastDelay = Number.POSITIVE_INFINITY;
  let counted = 0;

  const anchor = (packet: { ssrc: number; timestamp: number }, position: number): number => {
    ssrc = packet.ssrc;
    baseTimestamp = packet.timestamp;
    basePosition = position;
    leastDelay = Number.POSITIVE_INFINITY;
    counted = 0;
    return position;
  };

  return {
    place: (packet, arrival) => {
      const now = Math.round(arrival);
      if (packet.ssrc !== ssrc) return anchor(packet, now);
      const position = basePosition + timestampDistance(baseTimestamp, packet.timestamp);
      const delay = now - position;
      if (Math.abs(delay) > JUMP || delay < -TOLERANCE) return anchor(packet, now);
      leastDelay = Math.min(leastDelay, delay);
      counted += 1;
      if (counted < WINDOW_PACKETS) return position;
      const shift = leastDelay > TOLERANCE ? leastDelay : 0;
      return anchor(packet, position + shift);
    },
  };
};
