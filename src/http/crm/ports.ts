/** What the CRM routes need of the rest, one interface for each area. Methods reject as `CallRecords` does. */
import type { OwnerScope, Viewer } from '#domain/user.ts';
import type { CampaignControl, CampaignLeadStore, CampaignStore } from './campaign.ports.ts';
import type { DoNotCallList } from '#http/do-not-call.routes.ts';
import type { ImportLeads, LeadStore } from './lead.ports.ts';
import type { AccountPorts } from './user.ports.ts';

export type Identity = { viewer: Viewer; isActive: boolean; scope: OwnerScope };

/** Who somebody is at this moment. */
export interface Identities {
  /** Null when there is no such user (any more). */
  find(userId: number): Promise<Identity | null>;
}

/** What `crmRoutes` passes on to each area. */
export type CrmPorts = {
  identities: Identities;
  accounts: AccountPorts;
  leads: LeadStore;
  importLeads: ImportLeads;
  campaigns: CampaignStore;
  campaignLeads: CampaignLeadStore;
  campaignControl: CampaignControl;
  doNotCall: DoNotCallList;
  /** ISO code of the country of phone numbers of which nothing else tells it. */
  defaultRegion: string | null;
};
