/** Finds out whose an incoming call is before there is a call: its first row says so. */
import { NO_LINKS, type CallLinks } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
import type { IncomingParties } from '#persistence/call-links.repository.ts';

export type CallAdmissionDeps = {
  linksOf: (parties: IncomingParties) => Promise<CallLinks>;
  accept: (invite: IncomingInvite, links: CallLinks) => void;
  log: Log;
  patienceMs?: number;
};

/** Callers hear nothing meanwhile. A database that is this slow will refuse the call's row as well. */
const PATIENCE_MS = 500;

export type CallAdmission = {
  admit(invite: IncomingInvite): void;
  /** Resolves when there is a call of each that was admitted. */
  settled(): Promise<void>;
};

/** What is not known in time counts as nobody's: the call is answered all the same. */
export const createCallAdmission = (deps: CallAdmissionDeps): CallAdmission => {
  const { log, patienceMs = PATIENCE_MS } = deps;

  const linksOf = async ({ callerNumber, calledNumber, source }: IncomingInvite): Promise<CallLinks> => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('The database did not answer in time.')), patienceMs);
    try {
      return await Promise.race([deps.linksOf({ callerNumber, calledNumber, sourceHost: source.host }), late]);
    } catch (error) {
      log.warn({ error: String(error) }, 'It is not known whose an incoming call is.');
      return NO_LINKS;
    } finally {
      clearTimeout(timer);
    }
  };

  const underWay = new Set<Promise<void>>();
  return {
    admit: (invite) => {
      const admission = linksOf(invite)
        .then((links) => deps.accept(invite, links))
        .catch((error: unknown) => log.error({ error }, 'An incoming call could not be begun.'))
        .finally(() => underWay.delete(admission));
      underWay.add(admission);
    },
    settled: async () => void (await Promise.all(underWay)),
  };
};
