/** Slows down who guesses passwords: counts failures by address and user name, and by address alone. */
import { Problem } from '#http/problem.ts';

export type LoginLimitOptions = {
  now: () => number;
  /** Failures within the window that one address may have with one user name, and with all. */
  perUser: number;
  perAddress: number;
  windowMs: number;
  /** Kept at most; the oldest go first. */
  maxKeys: number;
};

export const LOGIN_LIMIT = {
  perUser: 10,
  perAddress: 100,
  windowMs: 5 * 60_000,
  maxKeys: 50_000,
};

type Window = { failures: number; endsAt: number };

export type LoginLimit = {
  /** Throws 429 when there were too many failures. */
  check(address: string, username: string): void;
  failed(address: string, username: string): void;
  succeeded(address: string, username: string): void;
};

export const createLoginLimit = ({ now, perUser, perAddress, windowMs, maxKeys }: LoginLimitOptions): LoginLimit => {
  const windows = new Map<string, Window>();
  const keyOf = (address: string, username: string) => JSON.stringify([address, username.toLowerCase()]);

  const at = (key: string): Window | undefined => {
    const window = windows.get(key);
    if (window === undefined || window.endsAt > now()) return window;
    windows.delete(key);
    return undefined;
  };

  const count = (key: string) => {
    const window = at(key) ?? { failures: 0, endsAt: now() + windowMs };
    windows.set(key, { ...window, failures: window.failures + 1 });
    // A map keeps the order of insertion.
    for (const oldest of windows.keys()) {
      if (windows.size <= maxKeys) break;
      windows.delete(oldest);
    }
  };

  const refuse = (window: Window) => {
    const seconds = Math.max(1, Math.ceil((window.endsAt - now()) / 1_000));
    throw new Problem(429, 'too_many_attempts', 'Too many failed log-ins. Please wait a few minutes and try again.', {
      'retry-after': String(seconds),
    });
  };

  return {
    check: (address, username) => {
      const [byUser, byAddress] = [at(keyOf(address, username)), at(address)];
      if (byUser && byUser.failures >= perUser) refuse(byUser);
      if (byAddress && byAddress.failures >= perAddress) refuse(byAddress);
    },
    failed: (address, username) => {
      count(keyOf(address, username));
      count(address);
    },
    succeeded: (address, username) => void windows.delete(keyOf(address, username)),
  };
};
