/** Takes over the calls of processes that are gone, and gives up those that another process has taken from this one. */
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { ClaimedCall, Ownership } from '#domain/ownership.ts';
import type { Reconciler } from '#persistence/reconciler.ts';
import type { UnfinishedRecording } from '#persistence/unfinished-recordings.ts';
import type { CallRegistry } from './call-registry.ts';

export type TakeOverDeps = {
  ownership: Ownership;
  registry: Pick<CallRegistry, 'recover' | 'abandon' | 'owned'>;
  reconciler: Reconciler;
  /** Whether this process still has to do with the call. */
  isLive: (callId: CallId) => boolean;
  /** Workers that stood still for longer than the lease send nothing until they are told to go on. */
  media: { goOn(): void; onFrozen(listener: () => void): Disposable };
  /** End the leg of a call that cannot be gone on with, as far as it is known: nobody is left in silence. */
  letGo: (call: ClaimedCall) => void;
  sessionsDirectory: string;
  /** Makes the files of a recording that another process has left unfinished, if its folder is here. */
  finishRecording: (recording: UnfinishedRecording) => Promise<void>;
  log: Log;
};

export type TakeOver = Disposable & {
  /** Go on with calls that are ours already. */
  recover(claimed: readonly ClaimedCall[]): Promise<void>;
  /** Claim and recover what there is now. Rejects when the database cannot be asked. */
  claim(): Promise<number>;
  /** Go on looking, for calls of other machines whose process is lost later. */
  watch(): void;
};

/** Whoever leaves calls to this process does so at any moment, and its callers wait. */
const LOOK_EVERY_MS = 500;
const ASK_AGAIN_MS = 2_000;
/** Looks between two reconciliations: a minute. */
const RECONCILE_EVERY = 120;
/** Looks between two that finish recordings: five seconds, in the first minutes after whatever ended the process before. */
const FINISH_EVERY = 10;
const FINISH_OFTEN_UNTIL = 600;
const UNREADABLE = 'What the process that was lost has left of the call cannot be read';

export const createTakeOver = (deps: TakeOverDeps): TakeOver => {
  const { ownership, registry, reconciler, isLive, media, log } = deps;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let looks = 0;
  let retry: NodeJS.Timeout | null = null;

  const recover = async (claimed: readonly ClaimedCall[]) => {
    // All that can go on does so before anything is said of the rest.
    const failed: { call: ClaimedCall; reason: string }[] = [];
    for (const call of claimed) {
      const recovery = registry.recover(call);
      if (recovery.type !== 'recovered') failed.push({ call, reason: recovery.reason });
      // What has begun is written, and sent, before the next one begins.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    for (const { call, reason } of failed) await settleUnrecoverable(call, reason);
  };

  const claim = async () => {
    const claimed = await ownership.claimAbandoned();
    await recover(claimed);
    return claimed.length;
  };

  const settleUnrecoverable = async (call: ClaimedCall, reason: string) => {
    deps.letGo(call);
    await reconciler
      .settleUnrecoverable([call.callId], `${UNREADABLE}: ${reason}.`)
      // It is ours and not live: the next reconciliation settles it.
      .catch((error: unknown) =>
        log.error({ callId: call.callId, error: String(error) }, 'A call is not settled yet.'),
      );
  };

  /** This process stood still: what others have taken in the meantime is theirs, without a word from here. */
  const giveUpLost = async () => {
    for (const callId of await ownership.lost(registry.owned())) registry.abandon(callId);
    media.goOn();
  };
  const onStoodStill = () => {
    giveUpLost().catch((error: unknown) => {
      log.error({ error: String(error) }, 'It is not known yet which calls are still ours; asked again.');
      retry = setTimeout(onStoodStill, ASK_AGAIN_MS);
    });
  };
  const stoodStill = new DisposableStack();
  stoodStill.use(ownership.onSuspended(onStoodStill));
  stoodStill.use(media.onFrozen(onStoodStill));

  const reconcile = async () => {
    const settled = await reconciler.settleOrphans({ isLive });
    const adopted = await reconciler.adoptOrphanRecordings(deps.sessionsDirectory, { isLive });
    if (settled.length > 0) log.warn({ settled }, 'Calls that no process runs any more were settled.');
    if (adopted.length > 0) log.warn({ adopted }, 'Recordings without a row were given one.');
  };

  const finishRecordings = async () => {
    for await (const recording of reconciler.unfinishedRecordings({ isLive })) await deps.finishRecording(recording);
  };

  const tidy = async () => {
    const turn = looks++;
    if (turn % RECONCILE_EVERY === 0) await reconcile();
    if (turn % (turn < FINISH_OFTEN_UNTIL ? FINISH_EVERY : RECONCILE_EVERY) === 0) await finishRecordings();
  };

  const look = () => {
    timer = setTimeout(() => {
      claim()
        .then(tidy)
        .catch((error: unknown) => log.debug({ error: String(error) }, 'Abandoned calls could not be looked for.'))
        .finally(() => {
          if (!isStopped) look();
        });
    }, LOOK_EVERY_MS);
  };

  return {
    recover,
    claim,
    watch: look,
    [Symbol.dispose]: () => {
      isStopped = true;
      if (timer) clearTimeout(timer);
      if (retry) clearTimeout(retry);
      stoodStill.dispose();
    },
  };
};
