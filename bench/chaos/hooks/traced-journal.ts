/** The journal, telling the harness of each transition at once, before anything is done to make it durable. */
import { writeSync } from 'node:fs';
import { createJournal as createRealJournal, type JournalOptions } from '#persistence/journal.ts';
import { traceLine } from '../trace-line.ts';

const STDERR = 2;

/** The pipe may be full for a moment, and does not wait for room by itself. */
const write = (line: string): void => {
  const bytes = Buffer.from(line);
  let sent = 0;
  while (sent < bytes.length) {
    try {
      sent += writeSync(STDERR, bytes, sent);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
};

export const createJournal = (options: JournalOptions): ReturnType<typeof createRealJournal> => {
  const journal = createRealJournal(options);
  const append: typeof journal.append = (entry) => {
    const { callId, seq, epoch, eventType } = entry;
    write(`${traceLine({ pid: process.pid, at: Date.now(), callId, seq, epoch, eventType })}\n`);
    journal.append(entry);
  };
  return Object.create(journal, { append: { value: append } }) as typeof journal;
};
