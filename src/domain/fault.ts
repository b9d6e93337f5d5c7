/** A fault as it is kept and shown: a code to act on, a sentence to read. Pure. */
export type Fault = { code: string; message: string };

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Of anything that was thrown. */
export const faultOf = (thrown: unknown, unknownCode = 'fault'): Fault => {
  if (typeof thrown !== 'object' || thrown === null) return { code: unknownCode, message: String(thrown) };
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  return { code: isText(code) ? code : unknownCode, message: isText(message) ? message : JSON.stringify(thrown) };
};
