/**
 * The file format of the spool. A segment is `TKSPOOL1`, then records: length and CRC-32 of the payload (two 32-bit
 * numbers, little-endian), then the payload, JSON in UTF-8. Pure.
 */
import { crc32 } from 'node:zlib';
import type { CallId } from '#domain/call.ts';
import type { Batch } from './journal-batch.ts';

/** A call that was taken over from the spool, without Postgres: its epoch is to be raised there. */
export type Adoption = { callId: CallId; /** Its last owner. */ nodeId: string; from: number; to: number };

export type SpoolRecord =
  { kind: 'parts'; parts: Batch } | { kind: 'adoption'; nodeId: string; calls: readonly Adoption[] };

export const SEGMENT_MARK = Buffer.from('TKSPOOL1');
const RECORD_HEAD_BYTES = 8;

export const encodeRecord = (record: SpoolRecord): Buffer => {
  const payload = Buffer.from(JSON.stringify(record));
  const head = Buffer.alloc(RECORD_HEAD_BYTES);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  return Buffer.concat([head, payload]);
};

/** Null when the bytes, a whole record with its head, are not what was written. */
export const decodeRecord = (bytes: Buffer): SpoolRecord | null => {
  const payload = bytes.subarray(RECORD_HEAD_BYTES);
  if (crc32(payload) !== bytes.readUInt32LE(4)) return null;
  try {
    return JSON.parse(payload.toString()) as SpoolRecord;
  } catch {
    return null;
  }
};

export type FoundRecord = { offset: number; length: number; record: SpoolRecord };

export type Scan = {
  records: FoundRecord[];
  /** Whole records whose checksum is wrong. */
  damaged: number;
  /** Bytes at the end that are no whole record: what was being written when the process or the machine died. */
  torn: number;
};

/** Null when the file is no segment of this format. */
export const scanSegment = (bytes: Buffer): Scan | null => {
  const mark = bytes.subarray(0, SEGMENT_MARK.length);
  if (!mark.equals(SEGMENT_MARK.subarray(0, mark.length))) return null;
  const scan: Scan = { records: [], damaged: 0, torn: 0 };
  let offset = mark.length;
  while (offset < bytes.length) {
    const length = lengthAt(bytes, offset);
    if (offset + length > bytes.length) {
      scan.torn = bytes.length - offset;
      break;
    }
    const record = decodeRecord(bytes.subarray(offset, offset + length));
    if (record) scan.records.push({ offset, length, record });
    else scan.damaged += 1;
    offset += length;
  }
  return scan;
};

const lengthAt = (bytes: Buffer, offset: number): number =>
  offset + RECORD_HEAD_BYTES > bytes.length ? Infinity : RECORD_HEAD_BYTES + bytes.readUInt32LE(offset);
