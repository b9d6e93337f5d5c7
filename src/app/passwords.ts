/**
 * Password hashes by scrypt (RFC 7914): `scrypt$N$r$p$salt$key`, in base64url, so that hashes made with other parameters
 * stay valid. One is computed at a time: the threads that compute them also serve files, which calls need.
 */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

type Cost = { N: number; r: number; p: number };

/** OWASP's equivalents of N = 2^17; this one takes 16 MB. */
const COST: Cost = { N: 16_384, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MAX_WAITING = 50;
/** What a hash from elsewhere may cost. */
const MAX_MEMORY = 64 * 1024 * 1024;

export class PasswordsBusyError extends Error {
  readonly code = 'busy';

  constructor() {
    super('Too many passwords are being checked.');
    this.name = 'PasswordsBusyError';
  }
}

export type Passwords = {
  /** Rejects with `PasswordsBusyError` when too many wait. */
  hash(password: string): Promise<string>;
  /** Null stands for a user who does not exist: takes as long and is false. Rejects as `hash` does. */
  verify(password: string, hashed: string | null): Promise<boolean>;
};

const derive = (password: string, salt: Buffer, { N, r, p }: Cost, bytes = KEY_BYTES): Promise<Buffer> => {
  const options: ScryptOptions = { N, r, p, maxmem: MAX_MEMORY };
  // The same letters can be typed as different code points.
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
};

const write = ({ N, r, p }: Cost, salt: Buffer, key: Buffer) =>
  ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');

const FORMAT = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{8,128})\$([\w-]{20,128})$/;

const readHash = (hashed: string) => {
  const [, N, r, p, salt = '', key = ''] = FORMAT.exec(hashed) ?? [];
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return N === undefined ? null : { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
};

/** One piece of work at a time, and a limited number that waits. */
const createQueue = () => {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= MAX_WAITING) return Promise.reject(new PasswordsBusyError());
    waiting += 1;
    const done = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = done.catch(() => {});
    return done;
  };
};

export const createPasswords = (cost: Cost = COST): Passwords => {
  const inTurn = createQueue();
  const nobody = write(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return write(cost, salt, await derive(password, salt, cost));
      }),
    verify: (password, hashed) =>
      inTurn(async () => {
        const known = readHash(hashed ?? nobody) ?? readHash(nobody);
        if (!known) return false;
        const key = await derive(password, known.salt, known.cost, known.key.length);
        return timingSafeEqual(key, known.key) && hashed !== null;
      }),
  };
};
