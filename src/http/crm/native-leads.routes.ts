/** Leads in bulk, in the native API: export as CSV, import with progress. */
import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { ownerIdOf } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';
import { problems } from '#http/schemas/common.schema.ts';
import { ImportJob, ImportParams } from '#http/schemas/crm/lead.schema.ts';
import { createImportJobs } from './import-jobs.ts';
import { sendLeadsAsCsv } from './lead-export.ts';
import { MULTIPART_LIMITS, takeUpload } from './lead-import.routes.ts';
import type { LeadImporter } from './lead-import.ts';
import type { LeadStore } from './lead.ports.ts';
import { visible } from './page.ts';

type Options = { leads: Pick<LeadStore, 'pages'>; importer: LeadImporter };

const TAGS = ['leads'];

export const nativeLeadsRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { leads, importer }) => {
  const jobs = createImportJobs(importer);
  await app.register(multipart, MULTIPART_LIMITS);

  app.get(
    '/api/v1/leads/export.csv',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'exportLeads',
        tags: TAGS,
        summary: 'All leads as CSV, newest first',
        description: 'Can be imported again. Cells that a spreadsheet would compute begin with an apostrophe.',
        produces: ['text/csv'],
        response: { 200: Type.String({ contentMediaType: 'text/csv' }), ...problems(401, 403, 503) },
      },
    },
    async ({ scope }, reply) => sendLeadsAsCsv(reply, leads.pages(scope)),
  );

  app.post(
    '/api/v1/leads/imports',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'startLeadImport',
        tags: TAGS,
        summary: 'Import leads from a CSV file, and be told of the progress',
        description:
          'Multipart, field `file`. Answers when the file has arrived; read the import again for its progress.',
        consumes: ['multipart/form-data'],
        response: { 202: ImportJob, ...problems(400, 401, 403, 413, 422, 503) },
      },
    },
    async (request, reply) => {
      const ownerId = ownerIdOf(request.viewer);
      if (ownerId === null)
        throw new Problem(403, 'owner_needed', 'Leads have an owner: log in as a user to import them.');
      const file = await takeUpload(request);
      const onFault = (error: unknown) => request.log.error({ err: error }, 'import of leads failed');
      return reply.code(202).send(jobs.start(ownerId, file, onFault));
    },
  );

  app.get(
    '/api/v1/leads/imports/:importId',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getLeadImport',
        tags: TAGS,
        summary: 'Progress of an import',
        description: 'Known until a hundred others came after it, or the application was started again.',
        params: ImportParams,
        response: { 200: ImportJob, ...problems(401, 403, 404) },
      },
    },
    async ({ params, scope }) => visible(jobs.find(params.importId), scope, 'Import').shown,
  );
};
