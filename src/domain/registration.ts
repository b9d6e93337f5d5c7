/** What a registrar answers, and what is known of a binding. Pure. */
import type { RegistrationState } from './trunk.ts';

export type RegistrationCause = 'wrongPassword' | 'refused' | 'unreachable' | 'unavailable';

export type RegisterAnswer =
  | { type: 'registered'; expiresInMs: number }
  /** Asking again soon would not help: the account or its password is wrong. */
  | { type: 'refused'; cause: 'wrongPassword' | 'refused'; detail: string }
  | { type: 'unavailable'; cause: 'unreachable' | 'unavailable'; detail: string; retryAfterMs: number | null };

/** As it is kept, so that it can be looked at and the next process goes on with it. Times are epoch milliseconds. */
export type RegistrationRecord = {
  state: RegistrationState;
  cause: RegistrationCause | null;
  detail: string | null;
  attempts: number;
  expiresAt: number | null;
  nextAttemptAt: number | null;
};

/** Asks a registrar to keep our address for a while; 0 seconds: to forget it. Never rejects. */
export type RegisterOrder = {
  /** Of the registrar. */
  domain: string;
  username: string;
  /** Next hop. */
  proxyUri: string;
  transport: 'udp' | 'tcp' | 'tls';
  credentials: { username: string; password: string } | null;
  /** The same for every renewal. */
  sipCallId: string;
  seconds: number;
};

export interface Registrar {
  register(order: RegisterOrder): Promise<RegisterAnswer>;
}
