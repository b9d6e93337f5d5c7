/** The `Range` header of one range of bytes (RFC 9110 14). Pure. */

/** `first` and `last` are inclusive. */
export type ByteRange = { first: number; last: number };

const SINGLE_RANGE = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

const suffixRange = (length: number, size: number): ByteRange | 'unsatisfiable' =>
  length === 0 || size === 0 ? 'unsatisfiable' : { first: Math.max(0, size - length), last: size - 1 };

const boundedRange = (first: number, lastText: string, size: number): ByteRange | 'unsatisfiable' | 'whole' => {
  const last = lastText === '' ? size - 1 : Number(lastText);
  if (lastText !== '' && last < first) return 'whole';
  return first >= size ? 'unsatisfiable' : { first, last: Math.min(last, size - 1) };
};

/**
 * What to send of a file of `size` bytes. A header that is malformed, asks for another unit or for several ranges is
 * ignored, as the RFC allows: `whole`.
 */
export const parseByteRange = (header: string | undefined, size: number): ByteRange | 'unsatisfiable' | 'whole' => {
  const match = SINGLE_RANGE.exec(header?.replaceAll(' ', '') ?? '');
  if (!match) return 'whole';
  const [, first, last = '', suffix] = match;
  if (suffix !== undefined) return suffixRange(Number(suffix), size);
  return boundedRange(Number(first), last, size);
};
