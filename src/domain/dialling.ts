/** Whom a campaign may call now, and what follows from how a call went. Pure. */
import type { CallStatus, HangupCause } from './call.ts';
import { isOpen, nextOpening, readCallingHours, type HoursRead } from './calling-hours.ts';
import {
  type ConfigObject,
  type DialingConfig,
  type PaceConfig,
  readDialingConfig,
  readPaceConfig,
  type RetriedStatus,
} from './campaign-config.ts';
import { zonesOfNumber } from './lead-zones.ts';

export type DiallingRules = DialingConfig & PaceConfig & { hours: HoursRead };

export const readDiallingRules = (dialing: ConfigObject, schedule: ConfigObject): DiallingRules => ({
  ...readDialingConfig(dialing),
  ...readPaceConfig(dialing),
  hours: readCallingHours(schedule),
});

export type Candidate = {
  /** Null: the lead is gone. */
  e164: string | null;
  country: string | null;
  mustNotBeCalled: boolean;
  /** In the last 24 hours, by whomever. */
  recentCalls: number;
};

export type Verdict =
  | { kind: 'dial' }
  /** Later; its attempt is not counted. */
  | { kind: 'defer'; until: number }
  /** Never. `reason` is for the user. */
  | { kind: 'drop'; reason: string };

const HOUR_MS = 3_600_000;
const LOOK_AGAIN_MS = 24 * HOUR_MS;

const verdictOfHours = (hours: HoursRead, e164: string, country: string | null, now: number): Verdict => {
  if (hours.kind === 'always') return { kind: 'dial' };
  if (hours.kind === 'unusable') return { kind: 'defer', until: now + HOUR_MS };
  const zones = zonesOfNumber(e164, country);
  if (zones.length === 0 && hours.hours.fallbackZone === null) {
    return { kind: 'drop', reason: 'time zone not known' };
  }
  if (isOpen(hours.hours, zones, now)) return { kind: 'dial' };
  return { kind: 'defer', until: nextOpening(hours.hours, zones, now) ?? now + LOOK_AGAIN_MS };
};

/** Asked right before the call is placed. What is not known for certain is a reason not to call. */
export const judge = (candidate: Candidate, rules: DiallingRules, now: number): Verdict => {
  const { e164, country, mustNotBeCalled, recentCalls } = candidate;
  if (e164 === null) return { kind: 'drop', reason: 'lead deleted' };
  if (mustNotBeCalled) return { kind: 'drop', reason: 'do not call' };
  if (recentCalls >= rules.maxCallsPerDay) return { kind: 'defer', until: now + HOUR_MS };
  return verdictOfHours(rules.hours, e164, country, now);
};

/** How an attempt ended, as the row of its call says. */
export type AttemptEnd = {
  status: CallStatus;
  cause: HangupCause | null;
  /** With this one. */
  attempts: number;
};

export type AfterAttempt = { kind: 'final' } | { kind: 'retry'; at: number };

/** Nothing will be different next time. */
const HOPELESS: ReadonlySet<HangupCause> = new Set(['invalidNumber', 'blocked']);

const isRetried = (status: CallStatus): status is RetriedStatus =>
  status === 'busy' || status === 'no_answer' || status === 'failed';

/** Only who was busy, did not answer or was not reached is called again. */
export const afterAttempt = (
  { status, cause, attempts }: AttemptEnd,
  { retryAttempts, retryDelaySeconds }: Pick<DiallingRules, 'retryAttempts' | 'retryDelaySeconds'>,
  now: number,
): AfterAttempt => {
  const isHopeless = cause !== null && HOPELESS.has(cause);
  if (!isRetried(status) || isHopeless || attempts > retryAttempts) return { kind: 'final' };
  return { kind: 'retry', at: now + retryDelaySeconds[status] * 1_000 };
};

/** What of a campaign was done last; epoch milliseconds. */
export type LastDone = { dialledAt: number | null; endedAt: number | null };

/**
 * From when on the next call may be placed. The wait counts from the last beginning, and from the last end as well where
 * one call follows the other.
 */
export const nextDialAt = ({ dialledAt, endedAt }: LastDone, rules: DiallingRules): number => {
  const waitMs = rules.waitBetweenCallsSeconds * 1_000;
  const sinceDialled = (dialledAt ?? 0) + Math.max(waitMs, 1_000 / rules.callsPerSecond);
  return rules.concurrentCalls === 1 ? Math.max(sinceDialled, (endedAt ?? 0) + waitMs) : sinceDialled;
};
