/** Orders to campaigns: kept first, then the dialler is told. */
import type { CampaignAnswer, StatusChange } from '#domain/campaign.ts';
import type { CampaignControl } from '#http/crm/campaign.ports.ts';
import type { CampaignsRepository } from '#persistence/campaigns.repository.ts';

/** `onOrder` is called after each order that was obeyed. */
export const createCampaignControl = (
  campaigns: Pick<CampaignsRepository, 'start' | 'pause' | 'stop'>,
  onOrder: () => void,
): CampaignControl => {
  const obeyed = (change: StatusChange, message: string): CampaignAnswer => {
    if (change.ok) onOrder();
    return change.ok ? { ...change, message } : change;
  };
  return {
    start: async (campaignId, callConfig) => obeyed(await campaigns.start(campaignId, callConfig), 'Campaign started'),
    pause: async (campaignId) => obeyed(await campaigns.pause(campaignId), 'Campaign paused'),
    stop: async (campaignId) => obeyed(await campaigns.stop(campaignId), 'Campaign stopped'),
  };
};
