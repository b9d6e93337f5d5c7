/** The three configuration objects of a campaign: known values with ranges and defaults, unknown keys kept. Pure. */
import { ANSWERING_MACHINE_FIELD, isAnsweringMachinePolicy, type AnsweringMachinePolicy } from './callee.ts';

export type ConfigObject = Readonly<Record<string, unknown>>;

type NumberRule = { default: number; min: number; max: number };
type Rules = Readonly<Record<string, NumberRule>>;

export const BOT_RULES = {
  /** Seconds. */
  greeting_delay: { default: 1, min: 0, max: 10 },
  /** Seconds. */
  max_call_duration: { default: 300, min: 30, max: 3600 },
  voice_speed: { default: 1, min: 0, max: 10 },
} as const satisfies Rules;

export const DIALING_RULES = {
  concurrent_calls: { default: 1, min: 1, max: 10 },
  retry_attempts: { default: 2, min: 0, max: 10 },
} as const satisfies Rules;

/** Seconds between two calls. The one value that is not filled in when it was not sent. */
export const WAIT_RULE = { default: 3, min: 0, max: 3600 } as const satisfies NumberRule;

/** Further values of `dialing_config` that are not filled in when they were not sent. */
const PACE_RULES = {
  /** Placed by one campaign, at most. */
  calls_per_second: { default: 5, min: 0.01, max: 50 },
  /** To one lead in 24 hours, by whichever campaign or person. */
  max_calls_per_day: { default: 5, min: 1, max: 50 },
  /** Seconds that a call rings. */
  ring_seconds: { default: 45, min: 5, max: 120 },
} as const satisfies Rules;

/** Seconds until the next attempt. `retry_delay` holds for every outcome; without it each has its own. */
const RETRY_DELAYS = { busy: 300, no_answer: 900, failed: 300 } as const;
const LONGEST_RETRY_DELAY = 7 * 86_400;

export type RetriedStatus = keyof typeof RETRY_DELAYS;

export type PaceConfig = {
  callsPerSecond: number;
  maxCallsPerDay: number;
  ringSeconds: number;
  retryDelaySeconds: Readonly<Record<RetriedStatus, number>>;
};

export type DialingConfig = { concurrentCalls: number; retryAttempts: number; waitBetweenCallsSeconds: number };
export type BotConfig = { greetingDelaySeconds: number; maxCallDurationSeconds: number; voiceSpeed: number };

const defaultsOf = (rules: Rules): ConfigObject =>
  Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, rule.default]));

// `null` for a known value means its default; other keys are kept as they were sent.
const withDefaults = (rules: Rules, given: ConfigObject): ConfigObject =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value === null ? (rules[name]?.default ?? null) : value]),
  );

const ALL_DIALING_RULES = { ...DIALING_RULES, wait_between_calls: WAIT_RULE };

export const newBotConfig = (given: ConfigObject = {}): ConfigObject => mergeBotConfig(defaultsOf(BOT_RULES), given);

export const newDialingConfig = (given: ConfigObject = {}): ConfigObject =>
  mergeDialingConfig(defaultsOf(DIALING_RULES), given);

/** Key by key: what is not sent stays, so `call_config` outlives an edit of the rest. */
export const mergeBotConfig = (stored: ConfigObject, given: ConfigObject): ConfigObject => ({
  ...stored,
  ...withDefaults(BOT_RULES, given),
});

export const mergeDialingConfig = (stored: ConfigObject, given: ConfigObject): ConfigObject => ({
  ...stored,
  ...withDefaults(ALL_DIALING_RULES, given),
});

const numberOf = (value: unknown, { default: fallback, min, max }: NumberRule): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : fallback;

/** What the dialler goes by; stored rows of any age give usable numbers. */
export const readDialingConfig = (config: ConfigObject): DialingConfig => ({
  concurrentCalls: numberOf(config['concurrent_calls'], DIALING_RULES.concurrent_calls),
  retryAttempts: numberOf(config['retry_attempts'], DIALING_RULES.retry_attempts),
  waitBetweenCallsSeconds: numberOf(config['wait_between_calls'], WAIT_RULE),
});

export const readPaceConfig = (config: ConfigObject): PaceConfig => {
  const delayOf = (status: RetriedStatus) =>
    numberOf(config['retry_delay'], { default: RETRY_DELAYS[status], min: 0, max: LONGEST_RETRY_DELAY });
  return {
    callsPerSecond: numberOf(config['calls_per_second'], PACE_RULES.calls_per_second),
    maxCallsPerDay: numberOf(config['max_calls_per_day'], PACE_RULES.max_calls_per_day),
    ringSeconds: numberOf(config['ring_seconds'], PACE_RULES.ring_seconds),
    retryDelaySeconds: { busy: delayOf('busy'), no_answer: delayOf('no_answer'), failed: delayOf('failed') },
  };
};

export const readBotConfig = (config: ConfigObject): BotConfig => ({
  greetingDelaySeconds: numberOf(config['greeting_delay'], BOT_RULES.greeting_delay),
  maxCallDurationSeconds: numberOf(config['max_call_duration'], BOT_RULES.max_call_duration),
  voiceSpeed: numberOf(config['voice_speed'], BOT_RULES.voice_speed),
});

/** Of `bot_config`: what is done about a machine that answers; null: what is done about all others. */
export const readAnsweringMachine = (config: ConfigObject): AnsweringMachinePolicy | null => {
  const policy = config[ANSWERING_MACHINE_FIELD];
  return isAnsweringMachinePolicy(policy) ? policy : null;
};
