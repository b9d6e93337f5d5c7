/** Start, pause and stop of a campaign. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { givenCallConfig } from '#domain/call-config.ts';
import type { CampaignAnswer } from '#domain/campaign.ts';
import { Problem } from '#http/problem.ts';
import { CampaignStarted, StartCampaign } from '#http/schemas/crm/campaign.schema.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import { Done } from '#http/schemas/crm/page.schema.ts';
import type { CampaignControl, CampaignStore } from './campaign.ports.ts';
import { notFound, visible } from './page.ts';

type Options = {
  campaigns: Pick<CampaignStore, 'find'>;
  campaignControl: CampaignControl;
};

const TAGS = ['campaigns'];

/** The answer, or what the order was refused with; `rule` says in which states it would be taken. */
const obeyed = (answer: CampaignAnswer, rule: string) => {
  if (answer.ok) return answer;
  if (answer.reason === 'notFound') throw notFound('Campaign');
  if (answer.reason === 'noLeads') throw new Problem(400, 'no_leads', 'The campaign has no leads: add some first.');
  throw new Problem(400, 'wrong_status', rule);
};

export const campaignControlRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { campaigns, campaignControl } = options;

  app.post(
    '/api/crm/campaigns/:id/start',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'startCampaign',
        tags: TAGS,
        summary: 'Start a campaign, or go on with one that is paused',
        description: 'Without `call_config` that of the last start stays.',
        params: RowParams,
        body: StartCampaign,
        response: {
          200: CampaignStarted,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async ({ params, body, scope }) => {
      const { id } = visible(await campaigns.find(params.id), scope, 'Campaign');
      const callConfig = body.call_config ? givenCallConfig(body.call_config) : null;
      const answer = obeyed(
        await campaignControl.start(id, callConfig),
        'Only a campaign that is draft, ready or paused can be started.',
      );
      return {
        status: 'success' as const,
        campaign_id: id,
        message: answer.message,
        total_leads: answer.totalLeads,
        has_call_config: answer.hasCallConfig,
      };
    },
  );

  app.post(
    '/api/crm/campaigns/:id/pause',
    {
      // Also with an expired subscription: whoever cannot pay must be able to end the calls.
      config: { who: 'user' },
      schema: {
        operationId: 'pauseCampaign',
        tags: TAGS,
        summary: 'Place no more calls for now',
        description: 'Live calls end normally.',
        params: RowParams,
        response: { 200: Done, ...crmProblems(400, 401, 403, 404, 422, 503) },
      },
    },
    async ({ params, scope }) => {
      const { id } = visible(await campaigns.find(params.id), scope, 'Campaign');
      const answer = obeyed(await campaignControl.pause(id), 'Only a running campaign can be paused.');
      return { status: 'success' as const, message: answer.message };
    },
  );

  app.post(
    '/api/crm/campaigns/:id/stop',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'stopCampaign',
        tags: TAGS,
        summary: 'End a campaign for good',
        description: 'Live calls end normally.',
        params: RowParams,
        response: { 200: Done, ...crmProblems(400, 401, 403, 404, 422, 503) },
      },
    },
    async ({ params, scope }) => {
      const { id } = visible(await campaigns.find(params.id), scope, 'Campaign');
      const answer = obeyed(await campaignControl.stop(id), 'The campaign is over already.');
      return { status: 'success' as const, message: answer.message };
    },
  );
};
