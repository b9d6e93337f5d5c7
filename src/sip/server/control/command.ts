/** Commands of an application, read from a frame's payload. */
export type AppCommand = {
  messageId: string;
  name: string;
  fields: string[];
  /** What follows the first CRLF. */
  text: string;
};

/** Splits a payload; null with fewer than two fields. */
export function parseCommand(payload: string): AppCommand | null {
  const end = payload.indexOf('\r\n');
  const line = end < 0 ? payload : payload.slice(0, end);
  const [messageId = '', name, ...fields] = line.split('|');
  if (name === undefined) return null;
  return { messageId, name, fields, text: end < 0 ? '' : payload.slice(end + 2) };
}
