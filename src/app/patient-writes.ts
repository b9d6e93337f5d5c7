/** Writes to the database that outlast the call they belong to: what an outage turns away is written, in order, after it. */
import type { Log } from '#domain/log.ts';
import { DatabaseError } from '#persistence/database-error.ts';

export type PatientWrites = Disposable & {
  /**
   * Resolves when it is written, or when it waits for the database to come back, behind what waits already. Rejects
   * when the database refuses it. It may be made more than once.
   */
  keep(write: () => Promise<void>): Promise<void>;
  readonly waiting: number;
};

export type PatientWritesOptions = { log: Log; retryMs?: number; patienceMs?: number };

const RETRY_MS = 500;
/** A database that hangs for longer counts as out. */
const PATIENCE_MS = 2_000;

const isOut = (error: unknown): boolean => error instanceof DatabaseError && error.code === 'unavailable';

export const createPatientWrites = (options: PatientWritesOptions): PatientWrites => {
  const { log, retryMs = RETRY_MS, patienceMs = PATIENCE_MS } = options;
  let queue: (() => Promise<void>)[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isWriting = false;

  const later = () => {
    timer = setTimeout(() => void drain(), retryMs);
  };

  const drain = async (): Promise<void> => {
    isWriting = true;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      try {
        await next();
      } catch (error) {
        if (isOut(error)) break;
        log.error({ error: String(error) }, 'A write that had waited for the database was refused by it.');
      }
      queue.shift();
    }
    isWriting = false;
    if (queue.length > 0) later();
  };

  const wait = (write: () => Promise<void>) => {
    queue.push(write);
    if (queue.length === 1 && !isWriting) later();
  };

  /** Whichever comes first; a write that hangs is made once more when the database answers again. */
  const attempt = async (write: () => Promise<void>): Promise<void> => {
    const hangs = Promise.withResolvers<'hangs'>();
    const patience = setTimeout(() => hangs.resolve('hangs'), patienceMs);
    const written = write();
    try {
      if ((await Promise.race([written, hangs.promise])) !== 'hangs') return;
      written.catch(() => {});
      wait(write);
    } catch (error) {
      if (!isOut(error)) throw error;
      wait(write);
    } finally {
      clearTimeout(patience);
    }
  };

  return {
    keep: async (write) => (queue.length > 0 ? wait(write) : attempt(write)),
    get waiting() {
      return queue.length;
    },
    [Symbol.dispose]: () => {
      if (timer) clearTimeout(timer);
      queue = [];
    },
  };
};
