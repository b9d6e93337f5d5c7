/** Takes over the calls of processes that are gone, and gives up those that another process has taken from this one. */
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { Ownership } from '#domain/ownership.ts';
import type { Reconciler } from '#persistence/reconciler.ts';
import type { CallRegistry } from './call-registry.ts';

export type TakeOverDeps = {
  ownership: Ownership;
  registry: Pick<CallRegistry, 'recover' | 'abandon' | 'owned'>;
  reconciler: Reconciler;
  /** Whether this process still has to do with the call. */
  isLive: (callId: CallId) => boolean;
  log: Log;
};

export type TakeOver = Disposable & {
  /** Claim and recover what there is now. Rejects when the database cannot be asked. */
  claim(): Promise<number>;
  /** Go on looking, for calls of other machines whose process is lost later. */
  watch(): void;
};

const LOOK_EVERY_MS = 2_000;
/** Looks between two reconciliations: a minute. */
const RECONCILE_EVERY = 30;
const UNREADABLE = 'What the process that was lost has left of the call cannot be read.';

export const createTakeOver = ({ ownership, registry, reconciler, isLive, log }: TakeOverDeps): TakeOver => {
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let looks = 0;

  const claim = async () => {
    const claimed = await ownership.claimAbandoned();
    const failed = claimed.filter((call) => !registry.recover(call)).map(({ callId }) => callId);
    if (failed.length > 0) await reconciler.settleUnrecoverable(failed, UNREADABLE);
    return claimed.length;
  };

  /** This process stood still: what others have taken in the meantime is theirs, without a word from here. */
  const giveUpLost = async () => {
    for (const callId of await ownership.lost(registry.owned())) registry.abandon(callId);
  };
  const suspended = ownership.onSuspended(() => {
    giveUpLost().catch((error: unknown) => log.error({ error }, 'It is not known which calls are still ours.'));
  });

  const look = () => {
    timer = setTimeout(() => {
      claim()
        .then(() => (looks++ % RECONCILE_EVERY === 0 ? reconciler.settleOrphans({ isLive }) : []))
        .catch((error: unknown) => log.debug({ error: String(error) }, 'Abandoned calls could not be looked for.'))
        .finally(() => {
          if (!isStopped) look();
        });
    }, LOOK_EVERY_MS);
  };

  return {
    claim,
    watch: look,
    [Symbol.dispose]: () => {
      isStopped = true;
      if (timer) clearTimeout(timer);
      suspended[Symbol.dispose]();
    },
  };
};
