/** Small readings of SIP header values (RFC 3261 section 25). Pure; never throw. */

/** Methods that are handled; `Allow` lists exactly these. */
export const ALLOWED_METHODS = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'INFO', 'UPDATE', 'NOTIFY'] as const;
export const ALLOW = ALLOWED_METHODS.join(', ');
/** Methods of the registry of SIP methods that we know and refuse with 405; any other is 501. */
export const REFUSED_METHODS: readonly string[] = ['REGISTER', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'REFER', 'PRACK'];
export const SDP_TYPE = 'application/sdp';
export const DTMF_TYPES = ['application/dtmf-relay', 'application/dtmf'] as const;
export const ACCEPT = [SDP_TYPE, ...DTMF_TYPES].join(', ');

/** The `tag` parameter of a From or To value, outside of quotes and angle brackets. */
export const tagOf = (value: string | null): string | null => {
  if (value === null) return null;
  const parameters = value.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/<[^>]*>/g, '');
  return /;\s*tag\s*=\s*([^;,\s]+)/i.exec(parameters)?.[1] ?? null;
};

/** The URI of a From, To, Contact or P-Asserted-Identity value; the first when there are several. */
export const uriOf = (value: string | null): string | null => {
  if (value === null) return null;
  const unquoted = value.replace(/"(?:[^"\\]|\\.)*"/g, '');
  const bracketed = /<\s*([^>\s]+)\s*>/.exec(unquoted)?.[1];
  return bracketed ?? /^\s*([a-z][a-z0-9+.-]*:[^\s;,]+)/i.exec(unquoted)?.[1] ?? null;
};

/** The user part of a SIP URI, or the number of a tel URI. */
export const userOf = (uri: string | null): string | null => {
  if (uri === null) return null;
  const telephone = /^tel:([^;?]+)/i.exec(uri)?.[1];
  return telephone ?? /^sips?:([^@:;?]+)(?:[:;?][^@]*)?@/i.exec(uri)?.[1] ?? null;
};

/** `host`, with the port where there is one, of a SIP URI. */
export const hostOf = (uri: string): string | null =>
  /^sips?:(?:[^@]*@)?(\[[^\]]+\](?::\d+)?|[^;?>\s]+)/i.exec(uri)?.[1] ?? null;

/** The option tags of a `Require` or `Supported` value. */
export const optionTagsOf = (value: string | null): string[] =>
  (value ?? '')
    .split(',')
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '');

/** Media type without parameters, lower case. */
export const mediaTypeOf = (contentType: string | null): string | null =>
  contentType?.split(';')[0]?.trim().toLowerCase() || null;

/** The `text` of a Reason header (RFC 3326), or the whole value. */
export const reasonTextOf = (value: string | null): string | null =>
  value === null ? null : (/text\s*=\s*"([^"]*)"/i.exec(value)?.[1] ?? value);

/** The cause of a `Reason: Q.850` value (RFC 3326); null: there is none. */
export const q850Of = (value: string | null): number | null => {
  const cause = /(?:^|,)\s*Q\.850\s*;(?:[^,]*;)?\s*cause\s*=\s*(\d{1,3})/i.exec(value ?? '')?.[1];
  return cause === undefined ? null : Number(cause);
};

const sdpPartOf = (contentType: string, body: string): string | null => {
  const boundary = /boundary\s*=\s*"?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return null;
  for (const part of body.split(`--${boundary}`)) {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    if (/content-type:\s*application\/sdp/i.test(head)) return rest.join('\r\n\r\n').replace(/\r\n$/, '');
  }
  return null;
};

/** The SDP of a message: a bare body, or the first `application/sdp` part of a multipart one. Null: there is none. */
export const sdpOf = (contentType: string | null, body: string): string | null => {
  if (body.trim() === '') return null;
  const type = mediaTypeOf(contentType);
  if (type === SDP_TYPE || (type === null && body.startsWith('v=0'))) return body;
  return contentType !== null && type?.startsWith('multipart/') ? sdpPartOf(contentType, body) : null;
};

const DIGITS = /^[0-9A-D*#]$/;
/** Some gateways write event codes (RFC 4733) instead of the key. */
const EVENT_CODES: Readonly<Record<string, string>> = { 10: '*', 11: '#', 12: 'A', 13: 'B', 14: 'C', 15: 'D' };
const DEFAULT_DIGIT_MS = 160;

/** The key of an INFO with `application/dtmf-relay` or `application/dtmf`; null when there is none in it. */
export const digitOf = (contentType: string | null, body: string): { digit: string; durationMs: number } | null => {
  const type = mediaTypeOf(contentType);
  const text = type === 'application/dtmf-relay' ? /signal\s*=\s*(\S+)/i.exec(body)?.[1] : body.trim();
  if (text === undefined || !DTMF_TYPES.some((known) => known === type)) return null;
  const digit = EVENT_CODES[text] ?? text.toUpperCase();
  if (!DIGITS.test(digit)) return null;
  const duration = Number(/duration\s*=\s*(\d+)/i.exec(body)?.[1] ?? DEFAULT_DIGIT_MS);
  return { digit, durationMs: duration };
};
