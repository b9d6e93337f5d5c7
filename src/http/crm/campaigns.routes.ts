/** Campaigns: list, detail, create, edit, delete. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Problem } from '#http/problem.ts';
import {
  Campaign,
  CampaignEdit,
  CampaignList,
  CampaignListQuery,
  NewCampaign,
} from '#http/schemas/crm/campaign.schema.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import { Done } from '#http/schemas/crm/page.schema.ts';
import type { CampaignStore } from './campaign.ports.ts';
import { campaignChange, newCampaignOf, showCampaign } from './campaign.views.ts';
import { notFound, visible } from './page.ts';

const TAGS = ['campaigns'];

export const campaignsRoutes: FastifyPluginAsyncTypebox<{
  campaigns: CampaignStore;
}> = async (app, { campaigns }) => {
  app.post(
    '/api/crm/campaigns',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'createCampaign',
        tags: TAGS,
        summary: 'New campaign of the caller',
        body: NewCampaign,
        response: { 200: Campaign, ...crmProblems(401, 403, 422, 503) },
      },
    },
    async ({ body, viewer }) => showCampaign(await campaigns.create(viewer.id, newCampaignOf(body))),
  );

  app.get(
    '/api/crm/campaigns',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listCampaigns',
        tags: TAGS,
        summary: 'Campaigns, newest first',
        querystring: CampaignListQuery,
        response: { 200: CampaignList, ...crmProblems(401, 403, 422, 503) },
      },
    },
    async ({ query, scope }) => {
      const found = await campaigns.list(scope, query.status ?? null);
      return { campaigns: found.map(showCampaign) };
    },
  );

  app.get(
    '/api/crm/campaigns/:id',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getCampaign',
        tags: TAGS,
        summary: 'One campaign',
        params: RowParams,
        response: { 200: Campaign, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, scope }) => showCampaign(visible(await campaigns.find(params.id), scope, 'Campaign')),
  );

  app.put(
    '/api/crm/campaigns/:id',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'updateCampaign',
        tags: TAGS,
        summary: 'Edit a campaign',
        description: 'What is not sent, or null, stays. Configuration merges key by key.',
        params: RowParams,
        body: CampaignEdit,
        response: {
          200: Campaign,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async ({ params, body, scope }) => {
      const edited = await campaigns.edit(params.id, (before) =>
        campaignChange(visible(before, scope, 'Campaign'), body),
      );
      if (edited === null) throw notFound('Campaign');
      return showCampaign(edited);
    },
  );

  app.delete(
    '/api/crm/campaigns/:id',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'deleteCampaign',
        tags: TAGS,
        summary: 'Delete a campaign',
        description: 'Not while it is running. Its calls stay, without it.',
        params: RowParams,
        response: { 200: Done, ...crmProblems(401, 403, 404, 409, 422, 503) },
      },
    },
    async ({ params, scope }) => {
      const { id } = visible(await campaigns.find(params.id), scope, 'Campaign');
      const outcome = await campaigns.remove(id);
      if (outcome === 'gone') throw notFound('Campaign');
      if (outcome === 'running') {
        throw new Problem(409, 'campaign_running', 'The campaign is running: stop or pause it first.');
      }
      return { status: 'success' as const, message: 'Campaign deleted' };
    },
  );
};
