/** The first superadmin: from the settings, or by a link that is good once, for an hour. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { NewUser } from '#domain/account.ts';
import type { Log } from '#domain/log.ts';
import type { Passwords } from './passwords.ts';

const LIFETIME_MS = 60 * 60 * 1_000;

/** The token of a set-up link; it says itself until when it is good. */
export const newSetUpToken = (now: number): string =>
  `${(now + LIFETIME_MS).toString(36)}.${randomBytes(24).toString('base64url')}`;

const digest = (text: string) => createHash('sha256').update(text).digest();

export type SetUpOptions = {
  /** Null: there is no link. */
  token: string | null;
  hasSuperadmin: () => Promise<boolean>;
  now: () => number;
};

export type SetUp = {
  /** True once, for the right token, while it is good and there is no superadmin. */
  take(token: string): Promise<boolean>;
  /** The account could not be made after all: the token is good again. */
  giveBack(): void;
};

export const createSetUp = ({ token, hasSuperadmin, now }: SetUpOptions): SetUp => {
  let isTaken = false;
  const written = /^([0-9a-z]{8,9})\./.exec(token ?? '')?.[1];
  // One that somebody thought up says nothing of its end.
  const endsAt = written === undefined ? now() + LIFETIME_MS : Number.parseInt(written, 36);
  const isGood = (given: string) =>
    token !== null && now() < endsAt && timingSafeEqual(digest(given), digest(token)) && !isTaken;
  return {
    take: async (given) => {
      if (!isGood(given)) return false;
      isTaken = true;
      try {
        isTaken = !(await hasSuperadmin());
        return isTaken;
      } catch (error) {
        isTaken = false;
        throw error;
      }
    },
    giveBack: () => {
      isTaken = false;
    },
  };
};

export type FirstSuperadmin = {
  username: string;
  email: string;
  password: string;
};

export type EnsureOptions = {
  /** Of the settings; null when they name none. */
  wanted: FirstSuperadmin | null;
  users: {
    hasSuperadmin(): Promise<boolean>;
    create(
      user: NewUser & { role: 'superadmin' },
      action: 'user.setUp',
      by: { id: null; name: string; address: null },
    ): Promise<object | string>;
  };
  passwords: Passwords;
  log: Log;
};

/**
 * Makes the superadmin that the settings name when there is none yet. False when there is none afterwards. A database
 * that does not answer has to wait for the next start.
 */
export const ensureSuperadmin = async ({ wanted, users, passwords, log }: EnsureOptions): Promise<boolean> => {
  try {
    if (await users.hasSuperadmin()) return true;
    if (wanted === null) return false;
    const { username, email, password } = wanted;
    const user = {
      username,
      email,
      hashedPassword: await passwords.hash(password),
      firstName: null,
      lastName: null,
    };
    const by = { id: null, name: 'settings', address: null };
    const made = await users.create({ ...user, role: 'superadmin' }, 'user.setUp', by);
    if (typeof made === 'object') return true;
    log.warn({ username, reason: made }, 'The superadmin of the settings could not be made.');
    return false;
  } catch (error) {
    log.warn({ error: String(error) }, 'Whether there is a superadmin could not be found out.');
    return true;
  }
};
