/** Values as people read them. */

const pad = (value: number): string => String(value).padStart(2, '0');

/** `1:02:03` or `2:03`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  const rest = `${hours > 0 ? pad(minutes) : minutes}:${pad(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
};

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const time = (iso: string | null): string => (iso === null ? '–' : TIME.format(new Date(iso)));

export const number = (value: number | null, digits = 0): string => (value === null ? '–' : value.toFixed(digits));

/** US dollars; of little ones also tenths of a cent. */
export const dollars = (value: number): string => `$${value.toFixed(value !== 0 && value < 0.1 ? 4 : 2)}`;

/** `callerSpeaking` as `caller speaking`. */
export const words = (name: string): string =>
  name
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
