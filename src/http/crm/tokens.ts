/** Log-in tokens: JWT (RFC 7519) with HMAC-SHA-256. They say who somebody is; what they may do the database says. */
import { createSecretKey } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { UserRole } from '#domain/user.ts';

const ALGORITHM = 'HS256';
const LIFETIME_SECONDS = 24 * 60 * 60;
const MAX_INT4 = 2_147_483_647;

const isUserId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_INT4;

export type Tokens = {
  sign(user: { id: number; role: UserRole }): Promise<string>;
  /** The user's id, or null for whatever is no token of ours that is still valid. */
  read(token: string): Promise<number | null>;
};

/** Throws when the secret is shorter than the hash (RFC 7518 3.2). */
export const createTokens = (secret: string, now: () => number = Date.now): Tokens => {
  if (Buffer.byteLength(secret) < 32) throw new Error('The secret that signs log-in tokens needs 32 bytes.');
  const key = createSecretKey(Buffer.from(secret));
  return {
    sign: ({ id, role }) => {
      const issuedAt = Math.floor(now() / 1_000);
      return new SignJWT({ user_id: id, role })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME_SECONDS)
        .sign(key);
    },
    read: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          requiredClaims: ['user_id', 'iat', 'exp'],
          maxTokenAge: LIFETIME_SECONDS,
          currentDate: new Date(now()),
        });
        return isUserId(payload['user_id']) ? payload['user_id'] : null;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
};
