/** What the CRM routes stand on. */
import type { CrmPorts } from '#http/crm/ports.ts';
import type { Database } from '#persistence/database.ts';
import { createCampaignLeadsRepository } from '#persistence/campaign-leads.repository.ts';
import { createCampaignsRepository } from '#persistence/campaigns.repository.ts';
import { createDoNotCallRepository } from '#persistence/do-not-call.repository.ts';
import { createIdentities } from '#persistence/identities.ts';
import { createLeadImport } from '#persistence/lead-import.repository.ts';
import { createLeadsRepository } from '#persistence/leads.repository.ts';
import { type AccountDeps, createAccounts } from './build-accounts.ts';
import { createCampaignControl } from './campaign-control.ts';

export type CrmDeps = {
  database: Database;
  accounts: Omit<AccountDeps, 'database'>;
  /** ISO code of the country of phone numbers of which nothing else tells it. Default: none. */
  defaultRegion?: string | null;
  /** A campaign was started, paused or stopped. */
  onCampaignOrder?: () => void;
};

export const createCrm = ({
  database,
  accounts,
  defaultRegion = null,
  onCampaignOrder = () => {},
}: CrmDeps): CrmPorts => {
  const campaigns = createCampaignsRepository(database);
  return {
    identities: createIdentities(database),
    accounts: createAccounts({ ...accounts, database }),
    leads: createLeadsRepository(database),
    importLeads: createLeadImport(database),
    campaigns,
    campaignLeads: createCampaignLeadsRepository(database),
    doNotCall: createDoNotCallRepository(database),
    campaignControl: createCampaignControl(campaigns, onCampaignOrder),
    defaultRegion,
  };
};
