/** Links to audio that work without a header, for a while: pages open them as addresses. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type AudioLinks = {
  /** The path with its token; issue it only to who may see the call. */
  sign(path: string): string;
  /** Whether the token is of this path and still good. */
  isValid(path: string, token: string): boolean;
};

type Options = { secret: string; lifetimeSeconds: number; now: () => number };

const TOKEN = /^([0-9a-z]{1,12})\.([\w-]{43})$/;

export const createAudioLinks = ({ secret, lifetimeSeconds, now }: Options): AudioLinks => {
  // A key of its own: what signs links signs nothing else.
  const key = createHmac('sha256', secret).update('audio links').digest();
  const macOf = (path: string, expiry: string) => createHmac('sha256', key).update(`${expiry}\n${path}`).digest();
  return {
    sign: (path) => {
      const expiry = (Math.floor(now() / 1_000) + lifetimeSeconds).toString(36);
      return `${path}?token=${expiry}.${macOf(path, expiry).toString('base64url')}`;
    },
    isValid: (path, token) => {
      const [, expiry = '', mac = ''] = TOKEN.exec(token) ?? [];
      if (expiry === '') return false;
      const isSame = timingSafeEqual(Buffer.from(mac, 'base64url'), macOf(path, expiry));
      return isSame && Number.parseInt(expiry, 36) * 1_000 > now();
    },
  };
};
