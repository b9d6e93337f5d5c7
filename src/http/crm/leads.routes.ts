/** Leads: list, detail, create, change, delete. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LeadFields, LeadRecord } from '#domain/lead.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import { Lead, LeadChange, LeadList, LeadListQuery, NewLead } from '#http/schemas/crm/lead.schema.ts';
import type { LeadChangeJson } from '#http/schemas/crm/lead.schema.ts';
import { Done } from '#http/schemas/crm/page.schema.ts';
import type { LeadStore } from './lead.ports.ts';
import { givenDetails, NO_DETAILS, readNumber, showLead } from './lead.views.ts';
import { notFound, pageTotals, visible } from './page.ts';

export type LeadOptions = {
  leads: LeadStore;
  /** ISO 3166 code of the country of numbers of which nothing else tells it. */
  defaultRegion: string | null;
};

const TAGS = ['leads'];

/** What a change makes of the stored lead. Parts of the number that are not sent stay as they are. */
const changeOf = (before: LeadRecord, given: LeadChangeJson, defaultRegion: string | null): Partial<LeadFields> => {
  const details = givenDetails(given);
  if (given.phone === undefined && given.country_code === undefined) return details;
  const number = readNumber(given.phone ?? before.number.national, {
    countryCode: given.country_code ?? before.number.countryCode,
    country: 'country' in details ? details.country : before.country,
    defaultRegion,
  });
  return { ...details, number };
};

export const leadsRoutes: FastifyPluginAsyncTypebox<LeadOptions> = async (app, { leads, defaultRegion }) => {
  app.post(
    '/api/crm/leads',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'createLead',
        tags: TAGS,
        summary: 'New lead of the caller',
        body: NewLead,
        response: { 200: Lead, ...crmProblems(401, 403, 422, 503) },
      },
    },
    async ({ body, viewer }) => {
      const details = { ...NO_DETAILS, ...givenDetails(body) };
      const { country_code: countryCode } = body;
      const number = readNumber(body.phone, {
        countryCode,
        country: details.country,
        defaultRegion,
      });
      return showLead(await leads.create(viewer.id, { ...details, number }));
    },
  );

  app.get(
    '/api/crm/leads',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listLeads',
        tags: TAGS,
        summary: 'Leads, newest first',
        querystring: LeadListQuery,
        response: { 200: LeadList, ...crmProblems(401, 403, 422, 503) },
      },
    },
    async ({ query, scope }) => {
      const page = {
        country: cleanText(query.country ?? '') || null,
        page: query.page,
        perPage: query.per_page,
      };
      const found = await leads.list(scope, page);
      return {
        leads: found.leads.map(showLead),
        ...pageTotals(query, found.total),
      };
    },
  );

  app.get(
    '/api/crm/leads/:id',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getLead',
        tags: TAGS,
        summary: 'One lead',
        params: RowParams,
        response: { 200: Lead, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, scope }) => showLead(visible(await leads.find(params.id), scope, 'Lead')),
  );

  app.put(
    '/api/crm/leads/:id',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'updateLead',
        tags: TAGS,
        summary: 'Change a lead',
        description: 'What is not sent, or null, stays; an empty text is cleared.',
        params: RowParams,
        body: LeadChange,
        response: { 200: Lead, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, body, scope }) => {
      const before = visible(await leads.find(params.id), scope, 'Lead');
      const after = await leads.update(before.id, changeOf(before, body, defaultRegion));
      if (after === null) throw notFound('Lead');
      return showLead(after);
    },
  );

  app.delete(
    '/api/crm/leads/:id',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'deleteLead',
        tags: TAGS,
        summary: 'Delete a lead',
        description: 'It leaves the queues of its campaigns. Calls and campaign rows of it that are done stay.',
        params: RowParams,
        response: { 200: Done, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, scope }) => {
      const { id } = visible(await leads.find(params.id), scope, 'Lead');
      if (!(await leads.remove(id))) throw notFound('Lead');
      return { status: 'success' as const, message: 'Lead deleted' };
    },
  );
};
