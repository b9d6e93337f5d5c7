/** `<decimal byte length>#<payload>` frames of the control protocol. */

const HASH = 35;
const MAX_DIGITS = 9;

/** One frame; `payload` holds one byte a character. */
export const encodeFrame = (payload: string): string => `${payload.length}#${payload}`;

export type FrameDecoder = {
  /** The payloads completed by these bytes; null when the stream is no longer frames and must be closed. */
  push(bytes: Buffer): string[] | null;
  /** Size of the largest frame accepted; raised after authentication. */
  setLimit(bytes: number): void;
};

/** Cuts a stream into frames. Any number in one segment, any split. */
export function createFrameDecoder(limitBytes: number): FrameDecoder {
  let limit = limitBytes;
  let chunks: Buffer[] = [];
  let size = 0;
  /** Bytes that must be there before the next look: saves joining a large frame again for each segment. */
  let needed = 0;

  const push = (bytes: Buffer): string[] | null => {
    chunks.push(bytes);
    size += bytes.length;
    if (size < needed) return [];
    let rest = chunks.length === 1 ? bytes : Buffer.concat(chunks, size);
    const payloads: string[] = [];
    for (;;) {
      const frame = readLength(rest, limit);
      if (frame === 'bad') return null;
      if (frame === 'incomplete' || rest.length < frame.end) {
        needed = frame === 'incomplete' ? 0 : frame.end;
        break;
      }
      payloads.push(rest.toString('latin1', frame.start, frame.end));
      rest = rest.subarray(frame.end);
    }
    chunks = rest.length > 0 ? [rest] : [];
    size = rest.length;
    return payloads;
  };

  return {
    push,
    setLimit: (bytes) => {
      limit = bytes;
    },
  };
}

type FrameBounds = { start: number; end: number };

function readLength(bytes: Buffer, limit: number): FrameBounds | 'incomplete' | 'bad' {
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const code = bytes[i] ?? 0;
    if (code === HASH) return i > 0 && length <= limit ? { start: i + 1, end: i + 1 + length } : 'bad';
    if (code < 48 || code > 57 || i >= MAX_DIGITS) return 'bad';
    length = length * 10 + code - 48;
  }
  return 'incomplete';
}
