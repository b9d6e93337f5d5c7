/** Campaigns as the CRM shows and takes them. Pure. */
import { givenCallConfig } from '#domain/call-config.ts';
import {
  mergeBotConfig,
  mergeDialingConfig,
  newBotConfig,
  newDialingConfig,
  type ConfigObject,
} from '#domain/campaign-config.ts';
import { maySwitchTo, type CampaignLeadRecord, type CampaignRecord } from '#domain/campaign.ts';
import type { CampaignStatus } from '#domain/crm.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { Problem } from '#http/problem.ts';
import type { CampaignDetailsJson, CampaignJson, CampaignLeadJson } from '#http/schemas/crm/campaign.schema.ts';
import type { CampaignChange, CampaignFields } from './campaign.ports.ts';

const iso = (at: Date) => at.toISOString();
const isoOrNull = (at: Date | null) => at && iso(at);

export const showCampaign = (campaign: CampaignRecord): CampaignJson => {
  const { total, answered, rejected, failed } = campaign.counters;
  return {
    id: campaign.id,
    owner_id: campaign.ownerId,
    owner_name: campaign.ownerName,
    name: campaign.name,
    description: campaign.description,
    status: campaign.status,
    bot_config: { ...campaign.botConfig },
    dialing_config: { ...campaign.dialingConfig },
    schedule_config: { ...campaign.scheduleConfig },
    total_leads: total,
    leads_called: answered + rejected + failed,
    leads_answered: answered,
    leads_rejected: rejected,
    leads_failed: failed,
    created_at: iso(campaign.createdAt),
    updated_at: iso(campaign.updatedAt),
    started_at: isoOrNull(campaign.startedAt),
    completed_at: isoOrNull(campaign.completedAt),
  };
};

export const showCampaignLead = (lead: CampaignLeadRecord): CampaignLeadJson => ({
  id: lead.id,
  lead_id: lead.leadId,
  lead_name: lead.leadName,
  lead_phone: lead.leadPhone,
  lead_country: lead.leadCountry,
  status: lead.status,
  priority: lead.priority,
  call_attempts: lead.callAttempts,
  last_attempt_at: isoOrNull(lead.lastAttemptAt),
  scheduled_for: isoOrNull(lead.scheduledFor),
  call_session_id: lead.callSessionId,
  // Nothing is null: a page would print the bare 0.
  call_duration: lead.callDurationSeconds || null,
  call_result: lead.callResult,
  completed_at: isoOrNull(lead.completedAt),
});

type Given = CampaignDetailsJson & { status?: CampaignStatus };

const asConfig = (given: object): ConfigObject => given as Record<string, unknown>;

/** `call_config` inside of it is kept as the start keeps it: only what exists and was given. */
const botConfigOf = (given: object): ConfigObject => {
  const config = asConfig(given);
  const { call_config: callConfig } = config;
  return callConfig ? { ...config, call_config: givenCallConfig(callConfig) } : config;
};

const textOf = (text: string) => cleanText(text).trim();

export const newCampaignOf = (given: Given & { name: string }): CampaignFields => ({
  name: textOf(given.name),
  description: textOf(given.description ?? '') || null,
  botConfig: newBotConfig(botConfigOf(given.bot_config ?? {})),
  dialingConfig: newDialingConfig(asConfig(given.dialing_config ?? {})),
  scheduleConfig: asConfig(given.schedule_config ?? {}),
});

/** What an edit makes of the stored campaign; the configuration merges key by key. Throws a 400 for the status. */
export const campaignChange = (before: CampaignRecord, given: Given): CampaignChange => {
  if (given.status !== undefined && !maySwitchTo(before.status, given.status)) {
    const text = `A campaign that is ${before.status} cannot be set to ${given.status}: use start, pause or stop.`;
    throw new Problem(400, 'wrong_status', text);
  }
  const { bot_config: bot, dialing_config: dialing, schedule_config: schedule } = given;
  return {
    ...(given.name !== undefined && { name: textOf(given.name) }),
    ...(given.description !== undefined && {
      description: textOf(given.description) || null,
    }),
    ...(given.status !== undefined && { status: given.status }),
    ...(bot && {
      botConfig: mergeBotConfig(before.botConfig, botConfigOf(bot)),
    }),
    ...(dialing && {
      dialingConfig: mergeDialingConfig(before.dialingConfig, asConfig(dialing)),
    }),
    ...(schedule && {
      scheduleConfig: {
        ...before.scheduleConfig,
        ...asConfig(schedule),
      },
    }),
  };
};
