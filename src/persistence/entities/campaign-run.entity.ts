/** `campaign_runs`: which application dials a campaign, and where its machine is; `do_not_call`: numbers that are not called. */
import { defineEntity, p } from '@mikro-orm/core';
import type { Json } from '#domain/serialise-event.ts';
import { Campaign } from './campaign.entity.ts';
import { createdAtColumn } from './columns.ts';

export const CampaignRun = defineEntity({
  name: 'CampaignRun',
  tableName: 'campaign_runs',
  properties: {
    campaignId: () => p.oneToOne(Campaign).mapToPk().joinColumn('campaign_id').primary().deleteRule('cascade'),
    /** The one application that dials, for as long as its lease lasts. */
    nodeId: p.text().nullable(),
    leaseUntil: p.datetime(3).nullable(),
    lastDialAt: p.datetime(3).nullable(),
    lastEndAt: p.datetime(3).nullable(),
    machineVersion: p.integer().nullable(),
    state: p.text().nullable(),
    context: p.json().$type<Json>().nullable(),
    updatedAt: createdAtColumn(),
  },
});

export const DoNotCall = defineEntity({
  name: 'DoNotCall',
  tableName: 'do_not_call',
  properties: {
    phoneE164: p.text().primary(),
    /** 0: for everybody. */
    ownerId: p.integer().primary(),
    reason: p.text().nullable(),
    createdAt: createdAtColumn(),
  },
});
