/** For development: messages are written to a file, one JSON line each, and sent to nobody. */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SmsError, type SmsProvider } from '#domain/sms.ts';

export const createFileSms = ({ path, now }: { path: string; now: () => number }): SmsProvider => ({
  send: async ({ to, text, gateSlot }) => {
    const line = JSON.stringify({ at: new Date(now()).toISOString(), to, text, gateSlot });
    try {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, `${line}\n`, 'utf8');
    } catch (cause) {
      throw new SmsError('notWritten', 'The message could not be written down.', { cause });
    }
  },
});
