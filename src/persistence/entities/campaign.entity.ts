/** `campaigns`: what a set of leads is called for. */
import { defineEntity, p } from '@mikro-orm/core';
import { CAMPAIGN_STATUSES, type CampaignStatus } from '#domain/crm.ts';
import { createdAtColumn, idColumn, oneOf } from './columns.ts';
import { User } from './user.entity.ts';

const config = () => p.json().$type<Record<string, unknown>>().defaultRaw(`'{}'`);

export const Campaign = defineEntity({
  name: 'Campaign',
  tableName: 'campaigns',
  indexes: [
    { name: 'campaigns_owner_index', properties: ['ownerId', 'id'] },
    { name: 'campaigns_status_index', properties: ['status', 'id'] },
  ],
  properties: {
    id: idColumn(),
    ownerId: () => p.manyToOne(User).mapToPk().joinColumn('owner_id').deleteRule('cascade'),
    name: p.text(),
    description: p.text().nullable(),
    status: p.text().$type<CampaignStatus>().default('draft').check(oneOf('status', CAMPAIGN_STATUSES)),
    botConfig: config(),
    dialingConfig: config(),
    scheduleConfig: config(),
    createdAt: createdAtColumn(),
    updatedAt: createdAtColumn(),
    startedAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
  },
});
