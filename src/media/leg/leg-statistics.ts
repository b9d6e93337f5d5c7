/** Puts the figures of one leg together (RFC 3550, E-model). Pure. */
import type { RtpStatistics } from '#domain/media.ts';
import { estimateMos } from '#media/rtp/quality.ts';
import type { Reception } from '#media/rtp/reception.ts';
import type { RemoteQuality } from '#media/rtp/rtcp-session.ts';
import type { CallerCounts } from './caller-side.ts';

const FRAME = 160;
const round = (value: number): number => Math.round(value * 100) / 100;

export const legStatistics = (
  reception: Reception,
  counts: CallerCounts,
  handed: { packetsSent: number; samplesToModel: number },
  remote: RemoteQuality,
): RtpStatistics => {
  const packetsReceived = reception.received();
  const packetsLost = reception.lost();
  const jitterMs = round(reception.jitterMs());
  const lossFraction = packetsLost === 0 ? 0 : packetsLost / (packetsReceived + packetsLost);
  return {
    packetsReceived,
    packetsSent: handed.packetsSent,
    packetsLost,
    packetsLate: counts.late,
    packetsForeign: counts.foreign,
    packetsMalformed: counts.malformed,
    framesConcealed: counts.concealed,
    framesDecoded: round(counts.decoded / FRAME),
    framesToModel: round(handed.samplesToModel / FRAME),
    jitterMs,
    remoteLossFraction: remote.lossFraction,
    remoteJitterMs: remote.jitterMs,
    roundTripMs: remote.roundTripMs,
    mos: estimateMos({ lossFraction, jitterMs, roundTripMs: remote.roundTripMs }),
  };
};
