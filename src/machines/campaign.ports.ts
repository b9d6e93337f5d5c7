import type { CallbackActorLogic, PromiseActorLogic } from 'xstate';

export type DiallingInput = { campaignId: number; mayDial: boolean };

/** What a campaign needs of the outside world. Implemented in `src/actors`. */
export type CampaignActors = {
  /**
   * Works the queue, and tells `queue.seen` after each look at it. With `mayDial` it places calls as the campaign's
   * pace allows; without, it only follows those in progress.
   */
  dialling: CallbackActorLogic<{ type: 'queue.nudged' }, DiallingInput>;
  /** True when no row was left, and the campaign is over now. */
  complete: PromiseActorLogic<boolean, { campaignId: number }>;
};

export type CampaignPorts = {
  actors: CampaignActors;
  now: () => number;
};
