/**
 * Whose RTP belongs to the call (C4, RTP bleed). The negotiated address wins at once; otherwise the signalling peer
 * or an address of the trunk's media range is believed after four consecutive packets of one SSRC and the negotiated
 * payload type. Then the source is locked: only a new negotiation changes it, or the same host and SSRC going on from
 * another port after half a second of silence.
 */
import type { MediaAddress } from '#domain/media.ts';
import { isInAnyCidr } from './cidr.ts';
import { sequenceDistance } from '#media/rtp/rtp-packet.ts';

export type SourceExpectation = {
  negotiated: MediaAddress | null;
  signallingHost: string;
  allowedCidrs: readonly string[];
};

export type SourcePacket = { host: string; port: number; ssrc: number; sequence: number; isNegotiatedType: boolean };

/** `probing` packets become ours in hindsight when the next verdict of that source is `locked`. */
export type SourceVerdict = 'accepted' | 'locked' | 'probing' | 'foreign';

export type SourceRule = {
  expect(expectation: SourceExpectation): void;
  judge(packet: SourcePacket, nowMs: number): SourceVerdict;
  locked(): MediaAddress | null;
};

export const PACKETS_TO_LOCK = 4;
const MOVE_AFTER_SILENCE_MS = 500;
/** How far the sequence may have gone on while the source moved: one minute of packets. */
const MAX_SEQUENCE_STEP = 3_000;

const isSame = (address: MediaAddress | null, host: string, port: number): boolean =>
  address !== null && address.port === port && address.host === host;

/** IPv4 in its plain form, whatever the socket's family shows. */
export const plainHost = (host: string): string => (host.startsWith('::ffff:') ? host.slice(7) : host);

export const createSourceRule = (): SourceRule => {
  let expected: SourceExpectation | null = null;
  let locked: { host: string; port: number; ssrc: number; sequence: number; heardAt: number } | null = null;
  let probe: { host: string; port: number; ssrc: number; sequence: number; count: number } | null = null;

  const lock = (packet: SourcePacket, nowMs: number): SourceVerdict => {
    locked = { host: packet.host, port: packet.port, ssrc: packet.ssrc, sequence: packet.sequence, heardAt: nowMs };
    probe = null;
    return 'locked';
  };

  const isPlausible = (host: string): boolean =>
    expected !== null && (host === expected.signallingHost || isInAnyCidr(host, expected.allowedCidrs));

  const hasMoved = (packet: SourcePacket, nowMs: number): boolean => {
    if (locked === null || nowMs - locked.heardAt < MOVE_AFTER_SILENCE_MS) return false;
    const step = sequenceDistance(locked.sequence, packet.sequence);
    return packet.host === locked.host && packet.ssrc === locked.ssrc && step > 0 && step <= MAX_SEQUENCE_STEP;
  };

  const judgeStranger = (packet: SourcePacket, nowMs: number): SourceVerdict => {
    if (locked !== null || !packet.isNegotiatedType || !isPlausible(packet.host)) return 'foreign';
    const continues =
      probe !== null &&
      probe.ssrc === packet.ssrc &&
      isSame(probe, packet.host, packet.port) &&
      sequenceDistance(probe.sequence, packet.sequence) === 1;
    const count = continues && probe ? probe.count + 1 : 1;
    if (count >= PACKETS_TO_LOCK) return lock(packet, nowMs);
    probe = { host: packet.host, port: packet.port, ssrc: packet.ssrc, sequence: packet.sequence, count };
    return 'probing';
  };

  return {
    expect: (expectation) => {
      const isUnchanged =
        expected !== null &&
        expectation.negotiated?.host === expected.negotiated?.host &&
        expectation.negotiated?.port === expected.negotiated?.port;
      expected = { ...expectation, signallingHost: plainHost(expectation.signallingHost) };
      if (isUnchanged) return;
      probe = null;
      // Hold with `0.0.0.0` names no other source: what is locked stays.
      if (expectation.negotiated !== null) locked = null;
    },
    judge: (packet, nowMs) => {
      if (expected === null) return 'foreign';
      if (locked !== null && isSame(locked, packet.host, packet.port)) {
        locked.ssrc = packet.ssrc;
        locked.sequence = packet.sequence;
        locked.heardAt = nowMs;
        return 'accepted';
      }
      if (isSame(expected.negotiated, packet.host, packet.port) || hasMoved(packet, nowMs)) return lock(packet, nowMs);
      return judgeStranger(packet, nowMs);
    },
    locked: () => (locked === null ? null : { host: locked.host, port: locked.port }),
  };
};
