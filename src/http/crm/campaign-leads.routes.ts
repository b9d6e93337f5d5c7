/** The leads of a campaign: list, add by id, add by filter. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static } from 'typebox';
import type { LeadFilter } from '#domain/campaign.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { Problem } from '#http/problem.ts';
import {
  AddLeads,
  CampaignLeadList,
  CampaignLeadQuery,
  FilterLeads,
  LeadsAdded,
} from '#http/schemas/crm/campaign.schema.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import type { CampaignLeadStore, CampaignStore } from './campaign.ports.ts';
import { showCampaignLead } from './campaign.views.ts';
import { notFound, pageTotals, visible } from './page.ts';

type Options = {
  campaigns: Pick<CampaignStore, 'find'>;
  campaignLeads: CampaignLeadStore;
};

const TAGS = ['campaigns'];

/** `never_called` says the same as at most 0 calls. */
const filterOf = (given: Static<typeof FilterLeads>): LeadFilter => {
  const max = given.max_call_count ?? null;
  return {
    countries: given.countries?.map(cleanText) ?? null,
    minCallCount: given.min_call_count ?? null,
    maxCallCount: given.never_called ? Math.min(0, max ?? 0) : max,
  };
};

export const campaignLeadsRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { campaigns, campaignLeads }) => {
  app.get(
    '/api/crm/campaigns/:id/leads',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listCampaignLeads',
        tags: TAGS,
        summary: 'Leads of a campaign, in the order in which they are called',
        params: RowParams,
        querystring: CampaignLeadQuery,
        response: {
          200: CampaignLeadList,
          ...crmProblems(401, 403, 404, 422, 503),
        },
      },
    },
    async ({ params, query, scope }) => {
      const page = {
        status: query.status ?? null,
        page: query.page,
        perPage: query.per_page,
      };
      const found = visible(await campaignLeads.list(params.id, page), scope, 'Campaign');
      return {
        campaign_leads: found.leads.map(showCampaignLead),
        ...pageTotals(query, found.total),
      };
    },
  );

  app.post(
    '/api/crm/campaigns/:id/leads',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'addCampaignLeads',
        tags: TAGS,
        summary: 'Add leads to a campaign',
        description:
          'All of them, or none when one is not allowed. A lead that is in the campaign already stays as it is.',
        params: RowParams,
        body: AddLeads,
        response: { 200: LeadsAdded, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, body, scope }) => {
      const { id } = visible(await campaigns.find(params.id), scope, 'Campaign');
      const answer = await campaignLeads.add(id, { ids: body.lead_ids, priority: body.priority ?? 0 }, scope);
      if (!answer.ok && answer.reason === 'unknownLead') throw notFound('Lead');
      if (!answer.ok) {
        throw new Problem(403, 'not_yours', 'One of the leads belongs to somebody else; none was added.');
      }
      return {
        status: 'success' as const,
        leads_added: answer.added,
        campaign_id: id,
      };
    },
  );

  app.post(
    '/api/crm/campaigns/:id/leads/filter',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'addCampaignLeadsByFilter',
        tags: TAGS,
        summary: 'Add all leads that match to a campaign',
        params: RowParams,
        body: FilterLeads,
        response: { 200: LeadsAdded, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, body, scope }) => {
      const { id } = visible(await campaigns.find(params.id), scope, 'Campaign');
      const { matched, added } = await campaignLeads.addMatching(id, filterOf(body), scope);
      return {
        status: 'success' as const,
        leads_added: added,
        campaign_id: id,
        ...(matched === 0 && { message: 'No leads match the filter' }),
      };
    },
  );
};
