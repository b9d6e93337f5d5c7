/** RTCP sender and receiver reports with SDES and BYE (RFC 3550 6.4-6.6). */
import type { ReceptionReport } from './reception.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const BYE = 203;
const NTP_EPOCH_OFFSET_S = 2_208_988_800;

export type SenderInfo = { wallMs: number; rtpTimestamp: number; packets: number; octets: number };

export type RtcpReport = {
  ssrc: number;
  cname: string;
  /** Null: nothing was sent since the last two reports. */
  sender: SenderInfo | null;
  reception: (ReceptionReport & { lastSenderReport: number; delayMs: number }) | null;
  isBye: boolean;
};

/** What the peer says, as far as it concerns us. */
export type RtcpView = {
  ssrc: number;
  /** Middle 32 bits of the NTP time of its sender report, for our next report. */
  senderReport: number | null;
  /** Its block about our stream; `jitter` in timestamp units, delays in 1/65536 s. */
  reception: { fractionLost: number; jitter: number; lastSenderReport: number; delay: number } | null;
  isBye: boolean;
};

/** Middle 32 bits of the NTP timestamp of a wall clock time (RFC 3550 4). */
export const compactNtp = (wallMs: number): number => {
  const seconds = Math.floor(wallMs / 1_000) + NTP_EPOCH_OFFSET_S;
  const fraction = Math.floor(((wallMs % 1_000) / 1_000) * 65_536);
  return (((seconds & 0xffff) << 16) | fraction) >>> 0;
};

const writeReception = (out: Buffer, at: number, block: NonNullable<RtcpReport['reception']>): void => {
  out.writeUInt32BE(block.ssrc, at);
  out.writeUInt8(block.fractionLost, at + 4);
  out.writeIntBE(block.cumulativeLost, at + 5, 3);
  out.writeUInt32BE(block.highestSequence, at + 8);
  out.writeUInt32BE(block.jitter, at + 12);
  out.writeUInt32BE(block.lastSenderReport, at + 16);
  out.writeUInt32BE(block.lastSenderReport === 0 ? 0 : Math.round(block.delayMs * 65.536) >>> 0, at + 20);
};

const reportPacket = ({ ssrc, sender, reception }: RtcpReport): Buffer => {
  const bytes = 8 + (sender ? 20 : 0) + (reception ? 24 : 0);
  const out = Buffer.alloc(bytes);
  out.writeUInt8(0x80 | (reception ? 1 : 0), 0);
  out.writeUInt8(sender ? SENDER_REPORT : RECEIVER_REPORT, 1);
  out.writeUInt16BE(bytes / 4 - 1, 2);
  out.writeUInt32BE(ssrc, 4);
  if (sender) {
    out.writeUInt32BE((Math.floor(sender.wallMs / 1_000) + NTP_EPOCH_OFFSET_S) >>> 0, 8);
    out.writeUInt32BE(Math.floor(((sender.wallMs % 1_000) / 1_000) * 0x1_0000_0000) >>> 0, 12);
    out.writeUInt32BE(sender.rtpTimestamp, 16);
    out.writeUInt32BE(sender.packets >>> 0, 20);
    out.writeUInt32BE(sender.octets >>> 0, 24);
  }
  if (reception) writeReception(out, sender ? 28 : 8, reception);
  return out;
};

const descriptionPacket = (ssrc: number, cname: string): Buffer => {
  const name = Buffer.from(cname, 'utf8').subarray(0, 255);
  const bytes = Math.ceil((4 + 4 + 2 + name.length + 1) / 4) * 4;
  const out = Buffer.alloc(bytes);
  out.writeUInt8(0x81, 0);
  out.writeUInt8(SOURCE_DESCRIPTION, 1);
  out.writeUInt16BE(bytes / 4 - 1, 2);
  out.writeUInt32BE(ssrc, 4);
  out.writeUInt8(1, 8);
  out.writeUInt8(name.length, 9);
  name.copy(out, 10);
  return out;
};

const byePacket = (ssrc: number): Buffer => {
  const out = Buffer.alloc(8);
  out.writeUInt8(0x81, 0);
  out.writeUInt8(BYE, 1);
  out.writeUInt16BE(1, 2);
  out.writeUInt32BE(ssrc, 4);
  return out;
};

/** A compound packet: report, SDES with the CNAME, and BYE at the end of the stream. */
export const writeRtcp = (report: RtcpReport): Buffer =>
  Buffer.concat([
    reportPacket(report),
    descriptionPacket(report.ssrc, report.cname),
    ...(report.isBye ? [byePacket(report.ssrc)] : []),
  ]);

const readReception = (bytes: Buffer, at: number): NonNullable<RtcpView['reception']> => ({
  fractionLost: bytes.readUInt8(at + 4) / 256,
  jitter: bytes.readUInt32BE(at + 12),
  lastSenderReport: bytes.readUInt32BE(at + 16),
  delay: bytes.readUInt32BE(at + 20),
});

const readReport = (bytes: Buffer, view: RtcpView, ourSsrc: number): void => {
  const isSender = bytes.readUInt8(1) === SENDER_REPORT;
  if (bytes.length < (isSender ? 28 : 8)) return;
  view.ssrc = bytes.readUInt32BE(4);
  if (isSender) view.senderReport = bytes.readUInt32BE(10);
  const blocks = bytes.readUInt8(0) & 0x1f;
  for (let block = 0, at = isSender ? 28 : 8; block < blocks && at + 24 <= bytes.length; block += 1, at += 24)
    if (bytes.readUInt32BE(at) === ourSsrc) view.reception = readReception(bytes, at);
};

/** Where the packet at `at` ends, or null when it is cut or not RTCP. */
const packetEnd = (bytes: Buffer, at: number): number | null => {
  if (at + 4 > bytes.length || bytes.readUInt8(at) >> 6 !== 2) return null;
  const end = at + (bytes.readUInt16BE(at + 2) + 1) * 4;
  return end <= bytes.length ? end : null;
};

/** Reads a compound packet; null when it is not one. Never throws. */
export const parseRtcp = (datagram: Uint8Array, ourSsrc: number): RtcpView | null => {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const view: RtcpView = { ssrc: 0, senderReport: null, reception: null, isBye: false };
  for (let at = 0; at < bytes.length;) {
    const end = packetEnd(bytes, at);
    if (end === null) return null;
    const type = bytes.readUInt8(at + 1);
    const isReport = type === SENDER_REPORT || type === RECEIVER_REPORT;
    if (at === 0 && !isReport) return null;
    if (isReport) readReport(bytes.subarray(at, end), view, ourSsrc);
    if (type === BYE) view.isBye = true;
    at = end;
  }
  return bytes.length === 0 ? null : view;
};
