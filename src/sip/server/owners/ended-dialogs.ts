import type { Clock } from '#sip/server/clock.ts';

/**
 * A dialog, or an unanswered INVITE, that has ended. Also when its application has answered the BYE: it may die before
 * it has written that down.
 */
export type EndedDialog = { at: number; reason: string; epoch: number };

export type EndedDialogs = {
  note(dialogId: string, end: Omit<EndedDialog, 'at'>): void;
  find(dialogId: string): EndedDialog | undefined;
  size(): number;
};

export const KEEP_END_MS = 300_000;
const MAX_KEPT = 20_000;

/** Remembers ends for five minutes, the oldest giving way to new ones. */
export function createEndedDialogs({ now }: Pick<Clock, 'now'>): EndedDialogs {
  const ends = new Map<string, EndedDialog>();

  const forgetOld = (): void => {
    for (const [id, { at }] of ends) {
      if (now() - at < KEEP_END_MS && ends.size <= MAX_KEPT) return;
      ends.delete(id);
    }
  };

  return {
    note(dialogId, end) {
      ends.delete(dialogId);
      ends.set(dialogId, { ...end, at: now() });
      forgetOld();
    },
    find(dialogId) {
      forgetOld();
      return ends.get(dialogId);
    },
    size: () => ends.size,
  };
}
