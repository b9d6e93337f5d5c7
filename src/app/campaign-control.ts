/** Orders to campaigns while there is no dialler: the state is kept, and a started campaign waits. */
import type { CampaignAnswer, StatusChange } from '#domain/campaign.ts';
import type { CampaignControl } from '#http/crm/campaign.ports.ts';
import type { CampaignsRepository } from '#persistence/campaigns.repository.ts';

const saying = (change: StatusChange, message: string): CampaignAnswer => (change.ok ? { ...change, message } : change);

export const createStoredCampaignControl = (
  campaigns: Pick<CampaignsRepository, 'start' | 'pause' | 'stop'>,
): CampaignControl => ({
  start: async (campaignId, callConfig) =>
    saying(
      await campaigns.start(campaignId, callConfig),
      'Campaign started; it waits, as this system places no campaign calls yet.',
    ),
  pause: async (campaignId) => saying(await campaigns.pause(campaignId), 'Campaign paused'),
  stop: async (campaignId) => saying(await campaigns.stop(campaignId), 'Campaign stopped'),
});
