/**
 * What a session is told about its own behaviour, by markers in the system instruction
 * (`[[rehearsal:tone=440, silent]]`) or by the control endpoint (`{"tone":440,"silent":true}`). See docs/rehearsal.md.
 */
export type Directives = {
  /** No greeting: a text trigger is answered by an empty turn. */
  silent: boolean;
  /** Language of the clips; null = from the set-up. */
  language: 'en' | 'bg' | null;
  /** The agent's voice is this tone. */
  tone: number | 'auto' | null;
  /** With `tone`: bursts of `on` ms, one turn each, with `off` ms between them. 0 = one endless turn. */
  on: number;
  off: number;
  /** After this many answers: `record_outcome`, farewell, `end_call`. 0 = never. */
  turns: number;
  /** Answer clips in each answer. */
  clips: number;
  /** Silence that ends the caller's turn, and the pause before the answer. */
  endpoint: number;
  think: number;
  /** Audio is sent this many times faster than it plays. */
  speed: number;
  /** Keep the caller's audio for `GET /control/sessions/:id/audio`. */
  record: boolean;
};

export const DEFAULT_DIRECTIVES: Directives = {
  silent: false,
  language: null,
  tone: null,
  on: 0,
  off: 1000,
  turns: 0,
  clips: 1,
  endpoint: 600,
  think: 200,
  speed: 6,
  record: false,
};

export class DirectiveError extends Error {
  override name = 'DirectiveError';
  readonly code = 'badDirective';
}

const MARKER = /\[\[rehearsal:([^\]]*)\]\]/g;

/** Reads every marker in `text`. Throws `DirectiveError` naming what is wrong. */
export const readMarkers = (text: string): Partial<Directives> => {
  const settings: Record<string, unknown> = {};
  for (const [, body] of text.matchAll(MARKER)) {
    for (const item of (body ?? '').split(',')) {
      const [name = '', value = 'true'] = item.split('=').map((part) => part.trim());
      if (name !== '') settings[name] = value;
    }
  }
  return readDirectives(settings);
};

/** Checks names and values; numbers and booleans may be given as text. Throws `DirectiveError`. */
export const readDirectives = (settings: Readonly<Record<string, unknown>>): Partial<Directives> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const read = READERS.get(name);
      if (!read) throw new DirectiveError(`Unknown directive ${name}.`);
      return [name, read(name, value)];
    }),
  );

type Reader = (name: string, value: unknown) => Directives[keyof Directives];

const readFlag: Reader = (name, value) => {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new DirectiveError(`${name} must be true or false, not ${String(value)}.`);
};

const numberFrom =
  (min: number, max: number): Reader =>
  (name, value) => {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
    throw new DirectiveError(`${name} must be a whole number from ${min} to ${max}, not ${String(value)}.`);
  };

const readTone: Reader = (name, value) => (value === 'auto' ? value : numberFrom(20, 11_000)(name, value));

const readLanguage: Reader = (_, value) => {
  if (value === 'en' || value === 'bg') return value;
  throw new DirectiveError(`language must be en or bg, not ${String(value)}.`);
};

const duration = numberFrom(0, 600_000);

const READERS: ReadonlyMap<string, Reader> = new Map<keyof Directives, Reader>([
  ['silent', readFlag],
  ['record', readFlag],
  ['language', readLanguage],
  ['tone', readTone],
  ['on', duration],
  ['off', duration],
  ['turns', numberFrom(0, 1000)],
  ['clips', numberFrom(1, 20)],
  ['endpoint', duration],
  ['think', duration],
  ['speed', numberFrom(1, 1000)],
]);
