/** When a lead may be called: hours, days and holidays in its own time zone. What cannot be told is closed. Pure. */
import type { ConfigObject } from './campaign-config.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Day = (typeof DAYS)[number];

export type CallingHours = {
  /** Minutes of the day; `to` at or before `from` is on the next day. */
  from: number;
  to: number;
  /** On which the hours begin. */
  days: ReadonlySet<Day>;
  /** `2026-12-25`, of the lead's own calendar. */
  holidays: ReadonlySet<string>;
  /** For leads of whom no zone is known. */
  fallbackZone: string | null;
};

/** `always`: no hours are set. `unusable`: what is set cannot be read, so that nobody may be called. */
export type HoursRead =
  { kind: 'always' } | { kind: 'hours'; hours: CallingHours } | { kind: 'unusable'; reason: string };

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const STEP_MS = 15 * MINUTE_MS;
/** Looked ahead for the next opening: the longest holidays and a week. */
const HORIZON_MS = 21 * DAY_MINUTES * MINUTE_MS;
const KEYS = ['start_time', 'end_time', 'days', 'holidays', 'timezone'] as const;

const minutesOf = (text: unknown): number | null => {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(typeof text === 'string' ? text.trim() : '') ?? [];
  if (hours === undefined || Number(hours) > 24 || Number(minutes) > 59) return null;
  const total = Number(hours) * 60 + Number(minutes);
  return total > DAY_MINUTES ? null : total;
};

const dayOf = (text: unknown): Day | null =>
  typeof text === 'string' ? (DAYS.find((day) => day === text.trim().slice(0, 3).toLowerCase()) ?? null) : null;

const isDate = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

const listOf = <T>(value: unknown, read: (item: unknown) => T | null): ReadonlySet<T> | null => {
  if (!Array.isArray(value)) return null;
  const items = value.map(read);
  return items.includes(null) ? null : new Set(items as T[]);
};

const clocks = new Map<string, Intl.DateTimeFormat | null>();

const clockOf = (zone: string): Intl.DateTimeFormat | null => {
  const before = clocks.get(zone);
  if (before !== undefined) return before;
  const numbers = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  let clock: Intl.DateTimeFormat | null = null;
  try {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...numbers });
  } catch {
    // No such zone: nobody knows what time it is there.
  }
  clocks.set(zone, clock);
  return clock;
};

const unusable = (reason: string): HoursRead => ({ kind: 'unusable', reason });

/** What is not given has its default; null: it is given and cannot be read. */
const given = <T>(value: unknown, fallback: T, read: (value: unknown) => T | null): T | null =>
  value === undefined || value === null ? fallback : read(value);

const dateOf = (item: unknown) => (isDate(item) ? item : null);
const zoneOf = (value: unknown) => (typeof value === 'string' && clockOf(value) !== null ? value : null);

/** Of `schedule_config`: `start_time`, `end_time`, `days`, `holidays`, `timezone`. Other keys have no meaning here. */
export const readCallingHours = (config: ConfigObject): HoursRead => {
  if (KEYS.every((key) => config[key] === undefined || config[key] === null)) return { kind: 'always' };
  const from = given(config['start_time'], 0, minutesOf);
  const to = given(config['end_time'], DAY_MINUTES, minutesOf);
  if (from === null || to === null) return unusable('start_time and end_time are written as 09:00');
  const days = given<ReadonlySet<Day>>(config['days'], new Set(DAYS), (value) => listOf(value, dayOf));
  if (days === null) return unusable('days is a list of mon, tue, wed, thu, fri, sat, sun');
  const holidays = given<ReadonlySet<string>>(config['holidays'], new Set(), (value) => listOf(value, dateOf));
  if (holidays === null) return unusable('holidays is a list of dates such as 2026-12-25');
  const zone = given(config['timezone'], '', zoneOf);
  if (zone === null) return unusable('timezone is no IANA time zone such as Europe/Sofia');
  return { kind: 'hours', hours: { from, to, days, holidays, fallbackZone: zone === '' ? null : zone } };
};

type LocalTime = { date: string; day: Day; before: { date: string; day: Day }; minutes: number };

const dayNamed = (date: string): Day => DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'sun';

const localTime = (zone: string, at: number): LocalTime | null => {
  const parts = clockOf(zone)?.formatToParts(at);
  if (!parts) return null;
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  const yesterday = new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MINUTES * MINUTE_MS).toISOString().slice(0, 10);
  return {
    ...{ date, day: dayNamed(date), before: { date: yesterday, day: dayNamed(yesterday) } },
    minutes: Number(part('hour')) * 60 + Number(part('minute')),
  };
};

const isOpenOn = ({ days, holidays }: CallingHours, { date, day }: { date: string; day: Day }): boolean =>
  days.has(day) && !holidays.has(date);

const isOpenIn = (hours: CallingHours, zone: string, at: number): boolean => {
  const local = localTime(zone, at);
  // A holiday is one to its last minute, also for the hours that began the evening before.
  if (!local || hours.holidays.has(local.date)) return false;
  const { minutes, before } = local;
  const { from, to } = hours;
  if (from < to) return minutes >= from && minutes < to && isOpenOn(hours, local);
  return (minutes >= from && isOpenOn(hours, local)) || (minutes < to && isOpenOn(hours, before));
};

const zonesFor = (hours: CallingHours, zones: readonly string[]): readonly string[] =>
  zones.length > 0 || hours.fallbackZone === null ? zones : [hours.fallbackZone];

/** In every zone where the lead may be: in one of them it is too early or too late otherwise. */
export const isOpen = (hours: CallingHours, zones: readonly string[], at: number): boolean => {
  const possible = zonesFor(hours, zones);
  return possible.length > 0 && possible.every((zone) => isOpenIn(hours, zone, at));
};

/** The next quarter of an hour at which it is open; null when there is none within three weeks. */
export const nextOpening = (hours: CallingHours, zones: readonly string[], after: number): number | null => {
  if (zonesFor(hours, zones).length === 0) return null;
  const first = Math.ceil((after + 1) / STEP_MS) * STEP_MS;
  for (let at = first; at <= after + HORIZON_MS; at += STEP_MS) if (isOpen(hours, zones, at)) return at;
  return null;
};
