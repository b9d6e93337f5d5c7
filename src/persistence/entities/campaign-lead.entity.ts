/** `campaign_leads`: one lead of one campaign, and what became of it; the queue of the campaign. */
import { defineEntity, p } from '@mikro-orm/core';
import type { CallStatus } from '#domain/call.ts';
import { Campaign } from './campaign.entity.ts';
import { CALL_STATUSES, createdAtColumn, idColumn, oneOf } from './columns.ts';

const LIST_ORDER = [{ name: 'priority', sort: 'DESC' as const }, { name: 'added_at' }, { name: 'id' }];

export const CampaignLead = defineEntity({
  name: 'CampaignLead',
  tableName: 'campaign_leads',
  indexes: [
    {
      name: 'campaign_leads_order_index',
      properties: ['campaignId', 'priority', 'addedAt', 'id'],
      columns: [{ name: 'campaign_id' }, ...LIST_ORDER],
    },
    {
      name: 'campaign_leads_status_index',
      properties: ['campaignId', 'status', 'priority', 'addedAt', 'id'],
      columns: [{ name: 'campaign_id' }, { name: 'status' }, ...LIST_ORDER],
    },
    {
      name: 'campaign_leads_in_flight_index',
      properties: ['campaignId'],
      where: `status in ('dialing', 'ringing', 'in_call')`,
    },
  ],
  uniques: [{ name: 'campaign_leads_lead_unique', properties: ['campaignId', 'leadId'] }],
  properties: {
    id: idColumn(),
    campaignId: () => p.manyToOne(Campaign).mapToPk().joinColumn('campaign_id').deleteRule('cascade'),
    /** No foreign key: a finished row outlives its lead. */
    leadId: p.integer().index('campaign_leads_lead_index'),
    leadName: p.text(),
    leadPhone: p.text(),
    leadCountry: p.text().nullable(),
    status: p.text().$type<CallStatus>().default('pending').check(oneOf('status', CALL_STATUSES)),
    priority: p.integer().default(0),
    callAttempts: p.integer().default(0),
    lastAttemptAt: p.datetime(3).nullable(),
    scheduledFor: p.datetime(3).nullable(),
    callSessionId: p.text().nullable().index('campaign_leads_session_index'),
    callDuration: p.integer().nullable(),
    callResult: p.text().nullable(),
    callNotes: p.text().nullable(),
    addedAt: createdAtColumn(),
    calledAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
    /** Of the application that dials the attempt in flight. */
    nodeId: p.text().nullable(),
  },
});
