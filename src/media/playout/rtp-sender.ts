/** The outgoing RTP stream: timestamps follow the clock of the call, the sequence counts packets. */
import { RTP_HEADER_BYTES, writeRtpHeader } from '#media/rtp/rtp-packet.ts';
import type { StreamOrigin } from '#media/rtp/stream-origin.ts';
import { FRAME_OCTETS } from './playout-queue.ts';

export type RtpSender = {
  /** Where the next packet's payload goes. */
  payload(): Uint8Array;
  /**
   * Completes the packet at `position`, in samples since the leg was opened. The marker is set on the first packet
   * and after every gap in the stream (RFC 3551 4.1). The buffer stays untouched for the next seven packets.
   */
  finish(position: number, payloadType: number): Uint8Array;
  packets(): number;
  octets(): number;
  /** RTP timestamp at a position. */
  timestampAt(position: number): number;
};

/** The socket may keep a packet for a moment when its buffer is full. */
const BUFFERS = 8;

export const createRtpSender = ({ ssrc, firstSequence, firstTimestamp }: StreamOrigin): RtpSender => {
  const memory = new Uint8Array(BUFFERS * (RTP_HEADER_BYTES + FRAME_OCTETS));
  const buffers = Array.from({ length: BUFFERS }, (_, index) => {
    const start = index * (RTP_HEADER_BYTES + FRAME_OCTETS);
    const packet = memory.subarray(start, start + RTP_HEADER_BYTES + FRAME_OCTETS);
    return { packet, payload: packet.subarray(RTP_HEADER_BYTES) };
  });
  let sent = 0;
  let nextPosition: number | null = null;
  const timestampAt = (position: number): number => (firstTimestamp + position) >>> 0;

  return {
    payload: () => buffers[sent % BUFFERS]!.payload,
    finish: (position, payloadType) => {
      const { packet } = buffers[sent % BUFFERS]!;
      writeRtpHeader(packet, {
        payloadType,
        marker: position !== nextPosition,
        sequence: (firstSequence + sent) & 0xffff,
        timestamp: timestampAt(position),
        ssrc,
      });
      nextPosition = position + FRAME_OCTETS;
      sent += 1;
      return packet;
    },
    packets: () => sent,
    octets: () => sent * FRAME_OCTETS,
    timestampAt,
  };
};
