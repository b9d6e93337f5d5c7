/** Links to audio that work without a header, for a while: pages open them as addresses. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export type AudioLinks = {
  /** The path with its token; issue it only to who may see the call. */
  sign(path: string): string;
  /** Whether the token is of this path and still good. */
  isValid(path: string, token: string): boolean;
};

type Options = { secret: string; lifetimeSeconds: number; now: () => number };

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** More than a path of ours has. */
const USUAL_BYTES = 1024;

/**
 * HMAC-SHA-256 (RFC 2104) for short texts, as base64url. A list of calls needs hundreds: `createHmac` costs ten times as
 * much, and so does memory for each text.
 */
const createMac = (key: Buffer) => {
  const padded = Buffer.concat([key], BLOCK_BYTES);
  const start = padded.map((byte) => byte ^ 0x36);
  const outer = Buffer.concat([padded.map((byte) => byte ^ 0x5c)], BLOCK_BYTES + DIGEST_BYTES);
  const usual = Buffer.concat([start], USUAL_BYTES);
  const roomFor = (bytes: number) => (bytes <= USUAL_BYTES ? usual : Buffer.concat([start], bytes));
  return (text: string): string => {
    const inner = roomFor(BLOCK_BYTES + Buffer.byteLength(text));
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
    outer.write(hash('sha256', inner.subarray(0, end), 'hex'), BLOCK_BYTES, 'hex');
    return hash('sha256', outer, 'base64url');
  };
};

const TOKEN = /^([0-9a-z]{1,12})\.([\w-]{43})$/;

export const createAudioLinks = ({ secret, lifetimeSeconds, now }: Options): AudioLinks => {
  // A key of its own: what signs links signs nothing else.
  const key = createHmac('sha256', secret).update('audio links').digest();
  const mac = createMac(key);
  const macOf = (path: string, expiry: string) => mac(`${expiry}\n${path}`);
  return {
    sign: (path) => {
      const expiry = (Math.floor(now() / 1_000) + lifetimeSeconds).toString(36);
      return `${path}?token=${expiry}.${macOf(path, expiry)}`;
    },
    isValid: (path, token) => {
      const [, expiry = '', given = ''] = TOKEN.exec(token) ?? [];
      if (expiry === '') return false;
      // As text: the last of 43 characters has two bits that no octet needs, so four tokens decode to the same.
      const isSame = timingSafeEqual(Buffer.from(given), Buffer.from(macOf(path, expiry)));
      return isSame && Number.parseInt(expiry, 36) * 1_000 > now();
    },
  };
};
