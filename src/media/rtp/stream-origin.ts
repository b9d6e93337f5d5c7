/** Where an outgoing RTP stream begins, and where it goes on after the worker that sent it is gone. Pure. */
import type { LegOrigin } from '#domain/media-protocol.ts';

export type StreamOrigin = Pick<LegOrigin, 'ssrc' | 'firstSequence' | 'firstTimestamp'>;

const PACKET_MS = 20;
/** Keeps the sequence ahead of what may have left without our knowledge: two seconds of packets. */
const SEQUENCE_LEAP = 100;

export const newStream = (random: () => number): StreamOrigin => ({
  ssrc: Math.floor(random() * 0x1_0000_0000),
  firstSequence: Math.floor(random() * 0x1_0000),
  firstTimestamp: Math.floor(random() * 0x1_0000_0000),
});

/**
 * The same stream `elapsedMs` after its origin: timestamps follow the clock and need no change, the sequence is at
 * most one packet for each 20 ms further than it was.
 */
export const continuedStream = (stream: StreamOrigin, elapsedMs: number): StreamOrigin => ({
  ssrc: stream.ssrc,
  firstSequence: (stream.firstSequence + Math.floor(elapsedMs / PACKET_MS) + SEQUENCE_LEAP) % 0x1_0000,
  firstTimestamp: stream.firstTimestamp,
});
