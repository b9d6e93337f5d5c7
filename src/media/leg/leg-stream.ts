/** What a leg sends: one RTP stream with its reports, begun anew or gone on with. */
import { createRtpSender } from '#media/playout/rtp-sender.ts';
import type { Reception } from '#media/rtp/reception.ts';
import type { SenderInfo } from '#media/rtp/rtcp-packet.ts';
import { createRtcpSession } from '#media/rtp/rtcp-session.ts';
import { continuedStream, newStream, type StreamOrigin } from '#media/rtp/stream-origin.ts';

type LegStreamDeps = {
  cname: string;
  random: () => number;
  reception: Reception;
  /** How long ago the leg was opened. */
  elapsedMs: number;
  wall: () => number;
};

/** `from` null: a stream of its own. Positions are samples since the leg was opened. */
export const beginStream = (from: StreamOrigin | null, deps: LegStreamDeps) => {
  const { cname, random, reception, elapsedMs, wall } = deps;
  const origin = from ?? newStream(random);
  const { ssrc, firstSequence, firstTimestamp } = origin;
  const sender = createRtpSender(from === null ? origin : continuedStream(origin, elapsedMs));
  return {
    origin: { ssrc, firstSequence, firstTimestamp },
    rtcp: createRtcpSession({ ssrc, cname, random }, reception),
    sender,
    info: (position: number): SenderInfo => ({
      wallMs: wall(),
      rtpTimestamp: sender.timestampAt(position),
      packets: sender.packets(),
      octets: sender.octets(),
    }),
  };
};
