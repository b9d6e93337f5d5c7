import { Problem } from '#http/problem.ts';

/** Deeper objects would overflow the stack of whoever walks them. */
const MAX_DEPTH = 32;

const depthBelow = (value: unknown, left: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every((inner) => depthBelow(inner, left - 1));
};

/** The object as it was sent. Throws a 422 when it is nested too deeply to be kept. */
export const plainObject = (field: string, value: object): Readonly<Record<string, unknown>> => {
  if (depthBelow(value, MAX_DEPTH)) return value as Record<string, unknown>;
  const message = `${field} is nested too deeply.`;
  throw new Problem(422, 'invalid_request', message).with({ errors: [{ field, message }] });
};
