/** Campaigns in the native API: how far they are. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NativeCampaign, showNativeCampaign } from '#http/schemas/campaign-outcomes.schema.ts';
import { problems } from '#http/schemas/common.schema.ts';
import { RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import type { CampaignStore } from './campaign.ports.ts';
import { visible } from './page.ts';

type Options = { campaigns: Pick<CampaignStore, 'find' | 'outcomes'> };

export const nativeCampaignsRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { campaigns }) => {
  app.get(
    '/api/v1/campaigns/:id',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getCampaignOutcomes',
        tags: ['campaigns'],
        summary: 'How the leads and calls of a campaign ended so far',
        description: 'Counted from the rows when it is asked for.',
        params: RowParams,
        response: { 200: NativeCampaign, ...problems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, scope }) => {
      const campaign = visible(await campaigns.find(params.id), scope, 'Campaign');
      return showNativeCampaign(campaign, await campaigns.outcomes(campaign.id));
    },
  );
};
