/** Which SMS provider the settings choose. */
import { join } from 'node:path';
import { requireSetting, type Config } from '#config.ts';
import type { Log } from '#domain/log.ts';
import type { SmsProvider } from '#domain/sms.ts';
import { createFileSms } from '#sms/file-provider.ts';
import { createHttpSms } from '#sms/http-provider.ts';

/** Null: none is configured. Throws `ConfigError` when the gateway is chosen, but not where it is. */
export const buildSms = (
  { sms, dataDirectory }: Pick<Config, 'sms' | 'dataDirectory'>,
  log: Log,
): SmsProvider | null => {
  if (sms.provider === 'off') return null;
  if (sms.provider === 'file') return createFileSms({ path: join(dataDirectory, 'sms', 'sent.jsonl'), now: Date.now });
  const { method, headers, body, timeoutSeconds } = sms;
  const url = requireSetting(sms.url, 'SMS_URL');
  return createHttpSms({ url, method, headers, body, timeoutMs: timeoutSeconds * 1_000, log });
};
