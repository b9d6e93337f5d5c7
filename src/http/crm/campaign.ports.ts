/** What the routes of campaigns need of the rest. */
import type { GivenCallConfig } from '#domain/call-config.ts';
import type {
  CampaignAnswer,
  CampaignLeadPage,
  CampaignLeadRecord,
  CampaignOutcomes,
  CampaignRecord,
  LeadFilter,
} from '#domain/campaign.ts';
import type { ConfigObject } from '#domain/campaign-config.ts';
import type { CampaignStatus } from '#domain/crm.ts';
import type { OwnerScope } from '#domain/user.ts';

export type CampaignFields = {
  name: string;
  description: string | null;
  botConfig: ConfigObject;
  dialingConfig: ConfigObject;
  scheduleConfig: ConfigObject;
};

export type CampaignChange = Partial<CampaignFields> & {
  status?: CampaignStatus;
};

/** Rows of campaigns. Methods reject as `CallRecords` does. */
export interface CampaignStore {
  create(ownerId: number, campaign: CampaignFields): Promise<CampaignRecord>;
  /** Newest first. */
  list(scope: OwnerScope, status: CampaignStatus | null): Promise<readonly CampaignRecord[]>;
  find(id: number): Promise<CampaignRecord | null>;
  /** Of one that exists. */
  outcomes(id: number): Promise<CampaignOutcomes>;
  /** Applies what `edit` makes of the stored campaign; nobody else edits it meanwhile. Rejects with what it throws. */
  edit(id: number, edit: (before: CampaignRecord) => CampaignChange): Promise<CampaignRecord | null>;
  remove(id: number): Promise<'removed' | 'running' | 'gone'>;
}

/** Which leads a campaign has. */
export interface CampaignLeadStore {
  /** Null when the campaign is gone. */
  list(
    campaignId: number,
    page: CampaignLeadPage,
  ): Promise<{
    ownerId: number;
    total: number;
    leads: readonly CampaignLeadRecord[];
  } | null>;
  /** All that are named, or none with the reason. */
  add(
    campaignId: number,
    leads: { ids: readonly number[]; priority: number },
    scope: OwnerScope,
  ): Promise<{ ok: true; added: number } | { ok: false; reason: 'unknownLead' | 'foreignLead' }>;
  /** All of the scope that match. */
  addMatching(campaignId: number, filter: LeadFilter, scope: OwnerScope): Promise<{ matched: number; added: number }>;
}

/** Orders to the dialler of a campaign. Live calls end normally in any case. */
export interface CampaignControl {
  /** From draft, ready or paused. `callConfig` null: the one of the last start stays. */
  start(campaignId: number, callConfig: GivenCallConfig | null): Promise<CampaignAnswer>;
  pause(campaignId: number): Promise<CampaignAnswer>;
  /** For good. */
  stop(campaignId: number): Promise<CampaignAnswer>;
}
