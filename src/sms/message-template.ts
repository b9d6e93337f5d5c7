/** Fills a message into the URL and body of a gateway's request, so that no text can change what they mean. Pure. */
import type { SmsMessage } from '#domain/sms.ts';

export type Encoding = (text: string) => string;

export const urlEncoding: Encoding = encodeURIComponent;
export const plainEncoding: Encoding = (text) => text;
/** Within the quotes of the template. */
export const jsonEncoding: Encoding = (text) => JSON.stringify(text).slice(1, -1);

const PLACEHOLDER = /\{(to|text|slot)\}/g;

/** In one pass: what a message contains is never taken for a placeholder. */
export const fillTemplate = (template: string, { to, text, gateSlot }: SmsMessage, encode: Encoding): string => {
  const values: Record<string, string> = { to, text, slot: String(gateSlot) };
  return template.replace(PLACEHOLDER, (whole, name: string) => encode(values[name] ?? whole));
};

export const encodingFor = (contentType: string): Encoding => {
  if (contentType.includes('json')) return jsonEncoding;
  return contentType.includes('x-www-form-urlencoded') ? urlEncoding : plainEncoding;
};
