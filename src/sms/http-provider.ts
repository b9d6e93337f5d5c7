/**
 * Sends short messages through any gateway that takes an HTTP request. TLS is verified; address, headers and body may
 * hold credentials and are never logged.
 */
import type { Log } from '#domain/log.ts';
import { SmsError, type SmsMessage, type SmsProvider } from '#domain/sms.ts';
import { encodingFor, fillTemplate, urlEncoding } from './message-template.ts';

export type HttpSmsOptions = {
  /** With `{to}`, `{text}` and `{slot}` in it where they belong. */
  url: string;
  method: 'POST' | 'PUT' | 'GET';
  headers: Readonly<Record<string, string>>;
  body: string;
  timeoutMs: number;
  log: Log;
};

const JSON_TYPE = 'application/json; charset=utf-8';

const translate = (error: unknown): SmsError => {
  if (error instanceof SmsError) return error;
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new SmsError('timeout', 'The SMS gateway did not answer in time.', { cause: error });
  }
  return new SmsError('unreachable', 'The SMS gateway cannot be reached.', { cause: error });
};

export const createHttpSms = ({ url, method, headers, body, timeoutMs, log }: HttpSmsOptions): SmsProvider => {
  const sent = new Headers(headers);
  const hasBody = method !== 'GET';
  if (hasBody && !sent.has('content-type')) sent.set('content-type', JSON_TYPE);
  const encode = encodingFor(sent.get('content-type') ?? '');

  const post = (message: SmsMessage) =>
    fetch(fillTemplate(url, message, urlEncoding), {
      method,
      headers: sent,
      // Where a redirection leads, the credentials do not belong.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(hasBody && { body: fillTemplate(body, message, encode) }),
    });

  return {
    send: async (message) => {
      try {
        const response = await post(message);
        await response.body?.cancel();
        if (!response.ok) {
          log.warn({ status: response.status }, 'The SMS gateway refused a message.');
          throw new SmsError('refused', `The SMS gateway refused the message with status ${response.status}.`);
        }
      } catch (error) {
        throw translate(error);
      }
    },
  };
};
