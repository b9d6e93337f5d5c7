/** Tells how far campaigns are: every change at once, and the outcomes with it, which are counted at most once a second. */
import type { CampaignOutcomes } from '#domain/campaign.ts';
import type { CampaignProgress } from '#domain/dial-queue.ts';

type Progress = Omit<CampaignProgress, 'outcomes'>;

type ProgressFeedDeps = {
  outcomesOf: (campaignId: number) => Promise<CampaignOutcomes>;
  publish: (progress: CampaignProgress) => void;
  gapMs?: number;
};

type Told = {
  progress: Progress;
  outcomes: CampaignOutcomes | null;
  /** Something was told since the outcomes began to be counted. */
  isBehind: boolean;
  /** Counts, or has counted less than the gap ago. */
  counting: Promise<void> | null;
  timer: NodeJS.Timeout | null;
};

const GAP_MS = 1_000;

export const createProgressFeed = ({ outcomesOf, publish, gapMs = GAP_MS }: ProgressFeedDeps) => {
  const campaigns = new Map<number, Told>();
  let isStopped = false;

  const count = async (told: Told): Promise<void> => {
    told.isBehind = false;
    told.outcomes = await outcomesOf(told.progress.campaignId).catch(() => null);
    if (isStopped) return;
    publish({ ...told.progress, outcomes: told.outcomes });
    told.timer = setTimeout(() => {
      told.counting = told.isBehind ? count(told) : null;
    }, gapMs);
  };

  return {
    tell: (progress: Progress): void => {
      if (isStopped) return;
      const fresh = { progress, outcomes: null, isBehind: true, counting: null, timer: null };
      const told: Told = campaigns.get(progress.campaignId) ?? fresh;
      campaigns.set(progress.campaignId, told);
      told.progress = progress;
      told.isBehind = true;
      publish({ ...progress, outcomes: told.outcomes });
      told.counting ??= count(told);
    },
    stop: async (): Promise<void> => {
      isStopped = true;
      for (const { timer } of campaigns.values()) if (timer) clearTimeout(timer);
      await Promise.all([...campaigns.values()].flatMap(({ counting }) => counting ?? []));
    },
  };
};
