/** PCM to and from the base64 that the Live API carries. Little-endian hosts only, as all that Node runs on are. */

const PREFIX = '{"realtimeInput":{"audio":{"data":"';
const SUFFIX = '","mimeType":"audio/pcm;rate=16000"}}}';

/** The whole `realtimeInput` message for 16 kHz mono PCM; the array is copied. */
export const encodeAudioInput = (pcm16k: Int16Array): string =>
  PREFIX + Buffer.from(pcm16k.buffer, pcm16k.byteOffset, pcm16k.byteLength).toString('base64') + SUFFIX;

/** One per thread: what it returns is used up before the next message is read. */
let scratch = Buffer.from(new ArrayBuffer(64 * 1024));

/** The samples of one base64 blob, valid until the next call. An odd last byte is dropped. */
export const decodeAudioOutput = (base64: string): Int16Array => {
  if (base64.length > scratch.length) scratch = Buffer.from(new ArrayBuffer(base64.length));
  const bytes = scratch.write(base64, 'base64');
  return new Int16Array(scratch.buffer, 0, bytes >> 1);
};
