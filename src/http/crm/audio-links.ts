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

/** HMAC-SHA-256 (RFC 2104) for short texts; a list of calls needs hundreds, and `createHmac` costs ten times as much. */
const createMac = (key: Buffer) => {
  const padded = Buffer.concat([key], BLOCK_BYTES);
  const inner = padded.map((byte) => byte ^ 0x36);
  const outer = padded.map((byte) => byte ^ 0x5c);
  const digest = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer');
  return (text: string): Buffer => digest(outer, digest(inner, Buffer.from(text)));
};

const TOKEN = /^([0-9a-z]{1,12})\.([\w-]{43})$/;

export const createAudioLinks = ({ secret, lifetimeSeconds, now }: Options): AudioLinks => {
  // A key of its own: what signs links signs nothing else.
  const key = createHmac('sha256', secret).update('audio links').digest();
  const mac = createMac(key);
  const macOf = (path: string, expiry: string) => mac(`${expiry}\n${path}`).toString('base64url');
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
