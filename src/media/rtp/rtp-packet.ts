/** RTP fixed header (RFC 3550 5.1), parsed into a reused view and written in place. */

export const RTP_HEADER_BYTES = 12;

/** Header fields of one packet and where its payload lies in the datagram (padding excluded). */
export type RtpView = {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payloadOffset: number;
  payloadLength: number;
};

export const createRtpView = (): RtpView => ({
  payloadType: 0,
  marker: false,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  payloadOffset: 0,
  payloadLength: 0,
});

const readUint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const readUint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** End of the header with CSRC list and extension, or -1 when it does not fit. */
const headerEnd = (bytes: Uint8Array): number => {
  const first = bytes[0]!;
  const end = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) === 0) return end <= bytes.length ? end : -1;
  if (end + 4 > bytes.length) return -1;
  const extended = end + 4 + readUint16(bytes, end + 2) * 4;
  return extended <= bytes.length ? extended : -1;
};

/** Reads a datagram into `view`; false when it is not a well-formed RTP packet of version 2. Never throws. */
export const parseRtp = (bytes: Uint8Array, view: RtpView): boolean => {
  if (bytes.length < RTP_HEADER_BYTES) return false;
  const first = bytes[0]!;
  if (first >> 6 !== 2) return false;
  const start = headerEnd(bytes);
  if (start < 0) return false;
  const padding = first & 0x20 ? bytes[bytes.length - 1]! : 0;
  if ((first & 0x20) !== 0 && (padding === 0 || start + padding > bytes.length)) return false;
  const second = bytes[1]!;
  view.payloadType = second & 0x7f;
  view.marker = second >> 7 === 1;
  view.sequence = readUint16(bytes, 2);
  view.timestamp = readUint32(bytes, 4);
  view.ssrc = readUint32(bytes, 8);
  view.payloadOffset = start;
  view.payloadLength = bytes.length - start - padding;
  return true;
};

/** Writes the 12 octets of a header without CSRC, extension or padding. */
export const writeRtpHeader = (
  out: Uint8Array,
  header: { payloadType: number; marker: boolean; sequence: number; timestamp: number; ssrc: number },
): void => {
  const { payloadType, marker, sequence, timestamp, ssrc } = header;
  out[0] = 0x80;
  out[1] = (marker ? 0x80 : 0) | payloadType;
  out[2] = sequence >> 8;
  out[3] = sequence;
  out[4] = timestamp >>> 24;
  out[5] = timestamp >>> 16;
  out[6] = timestamp >>> 8;
  out[7] = timestamp;
  out[8] = ssrc >>> 24;
  out[9] = ssrc >>> 16;
  out[10] = ssrc >>> 8;
  out[11] = ssrc;
};

/** Signed distance from `from` to `to` on the 16-bit sequence circle. */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16;

/** Signed distance from `from` to `to` on the 32-bit timestamp circle. */
export const timestampDistance = (from: number, to: number): number => (to - from) | 0;
