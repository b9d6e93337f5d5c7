/** Turns any value into one that JSON and Postgres `jsonb` can hold: plain, finite, bounded in size. Pure. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type SerialiseLimits = {
  /** Of all text together, in UTF-16 units; what lies beyond is cut and marked. */
  maxLength: number;
  maxDepth: number;
};

const DEFAULT_LIMITS: SerialiseLimits = { maxLength: 16_384, maxDepth: 12 };

const CYCLE = '[cycle]';
const TOO_DEEP = '[too deep]';
const CUT = '…[cut]';

/** `jsonb` and `text` refuse NUL and lone surrogates; each becomes U+FFFD. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

type Walk = { budget: number; limits: SerialiseLimits; ancestors: Set<object> };

const takeText = (text: string, walk: Walk): string => {
  const taken = text.length <= walk.budget ? text : `${text.slice(0, Math.max(0, walk.budget))}${CUT}`;
  walk.budget -= taken.length;
  return cleanText(taken);
};

const readable = (source: object, key: string): unknown => {
  try {
    return (source as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
};

const errorFields = (error: Error): Record<string, unknown> => ({
  name: error.name,
  message: error.message,
  code: readable(error, 'code'),
});

const serialiseNumber = (value: number): Json => (Number.isFinite(value) ? value : String(value));

const isSkipped = (value: unknown): boolean =>
  value === undefined || typeof value === 'function' || typeof value === 'symbol';

const serialiseList = (values: readonly unknown[], walk: Walk): Json => {
  const list: Json[] = [];
  for (const value of values) {
    if (walk.budget <= 0) {
      list.push(CUT);
      break;
    }
    walk.budget -= 1;
    list.push(isSkipped(value) ? null : serialise(value, walk));
  }
  return list;
};

const serialiseFields = (source: object, walk: Walk): Json => {
  const fields: [string, Json][] = [];
  for (const key of Object.keys(source)) {
    const value = readable(source, key);
    if (isSkipped(value)) continue;
    if (walk.budget <= 0) {
      fields.push([CUT, true]);
      break;
    }
    walk.budget -= 1;
    fields.push([takeText(key, walk), serialise(value, walk)]);
  }
  // fromEntries defines properties, so a key named __proto__ stays a key.
  return Object.fromEntries(fields);
};

/** What stands for an object that is not a plain record or list. */
const plainForm = (value: object): unknown => {
  if (value instanceof Error) return errorFields(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map) return [...value.entries()];
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  return value;
};

const serialiseObject = (value: object, walk: Walk): Json => {
  if (walk.ancestors.has(value)) return CYCLE;
  if (walk.ancestors.size >= walk.limits.maxDepth) return TOO_DEEP;
  const plain = plainForm(value);
  if (typeof plain !== 'object' || plain === null) return serialise(plain, walk);
  walk.ancestors.add(value);
  const result = Array.isArray(plain) ? serialiseList(plain, walk) : serialiseFields(plain, walk);
  walk.ancestors.delete(value);
  return result;
};

const serialise = (value: unknown, walk: Walk): Json => {
  switch (typeof value) {
    case 'string':
      return takeText(value, walk);
    case 'number':
      return serialiseNumber(value);
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : serialiseObject(value, walk);
    default:
      return null;
  }
};

/**
 * A copy of an event that can be written as JSON: errors as `{name, message, code}`, functions and symbols dropped,
 * bytes as their length, cycles and depth marked, NUL and lone surrogates replaced, long text cut. Never throws.
 */
export const serialiseEvent = (value: unknown, limits: SerialiseLimits = DEFAULT_LIMITS): Json => {
  try {
    return serialise(value, { budget: limits.maxLength, limits, ancestors: new Set() });
  } catch (error) {
    return { unserialisable: cleanText(String(error instanceof Error ? error.message : 'unknown')) };
  }
};
