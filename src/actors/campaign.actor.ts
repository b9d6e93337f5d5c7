import { fromCallback, fromPromise } from 'xstate';
import type { DiallingInput } from '#machines/campaign.ports.ts';

/** What a look at the queue found, and when to look again. */
export type QueueLook = { inFlight: number; waiting: number; cause: string | null; againInMs: number };

export type DiallingDeps = {
  /** Stops placing calls once the signal is aborted. */
  look: (input: DiallingInput, signal: AbortSignal) => Promise<QueueLook>;
  onFault: (campaignId: number, error: unknown) => void;
};

const AFTER_FAULT_MS = 1_000;

/** Looks at the queue again and again for as long as it runs, never twice at once. */
export const createDiallingActor = ({ look, onFault }: DiallingDeps) =>
  fromCallback<{ type: 'queue.nudged' }, DiallingInput>(({ input, sendBack, receive }) => {
    const stopping = new AbortController();
    let timer: NodeJS.Timeout | null = null;
    let isLooking = false;
    let isNudged = false;

    const lookOnce = async (): Promise<number> => {
      try {
        const { againInMs, ...seen } = await look(input, stopping.signal);
        if (!stopping.signal.aborted) sendBack({ type: 'queue.seen', ...seen });
        return againInMs;
      } catch (error) {
        onFault(input.campaignId, error);
        return AFTER_FAULT_MS;
      }
    };
    const round = async (): Promise<void> => {
      isLooking = true;
      isNudged = false;
      const againInMs = await lookOnce();
      isLooking = false;
      if (!stopping.signal.aborted) timer = setTimeout(() => void round(), isNudged ? 0 : againInMs);
    };
    receive(() => {
      isNudged = true;
      if (isLooking) return;
      if (timer) clearTimeout(timer);
      void round();
    });
    void round();

    return () => {
      stopping.abort();
      if (timer) clearTimeout(timer);
    };
  });

export const createCompleteActor = ({ complete }: { complete: (campaignId: number) => Promise<boolean> }) =>
  fromPromise<boolean, { campaignId: number }>(({ input }) => complete(input.campaignId));
