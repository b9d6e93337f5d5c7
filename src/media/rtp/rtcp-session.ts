/** RTCP of one leg: a report about every five seconds, and what the peer's reports say about our stream. */
import type { Reception } from './reception.ts';
import { compactNtp, parseRtcp, writeRtcp, type SenderInfo } from './rtcp-packet.ts';

export type RemoteQuality = { lossFraction: number | null; jitterMs: number | null; roundTripMs: number | null };

export type RtcpSession = {
  /** The next report when it is due, else null. */
  poll(nowMs: number, wallMs: number, sender: SenderInfo | null): Uint8Array | null;
  bye(wallMs: number, sender: SenderInfo | null): Uint8Array;
  /** Takes a datagram of the peer; false when it is not RTCP. */
  receive(datagram: Uint8Array, wallMs: number): boolean;
  remote(): RemoteQuality;
};

const INTERVAL_MS = 5_000;
const CLOCK_PER_MS = 8;

/** `random` spreads the reports of many calls (RFC 3550 6.3.1). */
export const createRtcpSession = (
  identity: { ssrc: number; cname: string; random: () => number },
  reception: Reception,
): RtcpSession => {
  const { ssrc, cname, random } = identity;
  const remote: RemoteQuality = { lossFraction: null, jitterMs: null, roundTripMs: null };
  let dueAt: number | null = null;
  let heard: { senderReport: number; wallMs: number } | null = null;
  let octetsReported = 0;

  const compose = (wallMs: number, sender: SenderInfo | null, isBye: boolean): Uint8Array => {
    const report = reception.report();
    const lastSenderReport = heard?.senderReport ?? 0;
    const delayMs = heard === null ? 0 : wallMs - heard.wallMs;
    const isSending = sender !== null && sender.octets > octetsReported;
    octetsReported = sender?.octets ?? octetsReported;
    return writeRtcp({
      ssrc,
      cname,
      sender: isSending ? sender : null,
      reception: report === null ? null : { ...report, lastSenderReport, delayMs },
      isBye,
    });
  };

  return {
    poll: (nowMs, wallMs, sender) => {
      dueAt ??= nowMs + INTERVAL_MS * (0.2 + 0.3 * random());
      if (nowMs < dueAt) return null;
      dueAt = nowMs + INTERVAL_MS * (0.8 + 0.4 * random());
      return compose(wallMs, sender, false);
    },
    bye: (wallMs, sender) => compose(wallMs, sender, true),
    receive: (datagram, wallMs) => {
      const view = parseRtcp(datagram, ssrc);
      if (view === null) return false;
      if (view.senderReport !== null) heard = { senderReport: view.senderReport, wallMs };
      if (view.reception === null) return true;
      remote.lossFraction = view.reception.fractionLost;
      remote.jitterMs = view.reception.jitter / CLOCK_PER_MS;
      if (view.reception.lastSenderReport !== 0) {
        const units = (compactNtp(wallMs) - view.reception.lastSenderReport - view.reception.delay) | 0;
        if (units >= 0) remote.roundTripMs = Math.round((units * 1_000) / 65_536);
      }
      return true;
    },
    remote: () => remote,
  };
};
