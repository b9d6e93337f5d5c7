/** Import of leads from a CSV file, answered when it is done. */
import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { ImportAnswer } from '#http/schemas/crm/lead.schema.ts';
import { keepUpload, MAX_IMPORT_BYTES, type LeadImporter, type UploadedFile } from './lead-import.ts';

export const MULTIPART_LIMITS = {
  // One more than allowed, so that what is too large is seen and not cut.
  limits: { fileSize: MAX_IMPORT_BYTES + 1, files: 1, fields: 20, parts: 21 },
};

const missingFile = () =>
  new Problem(422, 'file_missing', 'Send the file as multipart/form-data, in the field "file".');

/** The one file of the form, on disk. Throws what the client is answered with. */
export const takeUpload = async (request: FastifyRequest): Promise<UploadedFile> => {
  const upload = request.isMultipart() ? await request.file() : undefined;
  if (!upload) throw missingFile();
  try {
    if (upload.fieldname !== 'file') throw missingFile();
    if (!/\.csv$/i.test(upload.filename ?? '')) {
      throw new Problem(400, 'not_csv', 'Only CSV files can be imported: the name must end with .csv.');
    }
    return await keepUpload(upload.file);
  } finally {
    // What is not read would hold up the answer.
    upload.file.resume();
  }
};

export const leadImportRoutes: FastifyPluginAsyncTypebox<{
  importer: LeadImporter;
}> = async (app, { importer }) => {
  await app.register(multipart, MULTIPART_LIMITS);

  app.post(
    '/api/crm/leads/import',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'importLeads',
        tags: ['leads'],
        summary: 'Import leads from a CSV file',
        description:
          'Multipart, field `file`, at most 10 MB and 50,000 rows. Columns by name, in any order: first_name, last_name, ' +
          'email, phone, country, prefix (or country_code), gender, address. Bad rows are reported, the others imported.',
        consumes: ['multipart/form-data'],
        response: {
          200: ImportAnswer,
          ...crmProblems(400, 401, 403, 413, 422, 503),
        },
      },
    },
    async (request) => {
      await using file = await takeUpload(request);
      const { batchId, totalRows, skippedDuplicates, ...rest } = await importer({
        ownerId: request.viewer.id,
        file,
        onProgress: (progress) => request.log.debug(progress, 'leads imported so far'),
      });
      request.log.info(
        {
          ...rest,
          errors: rest.errors.length,
          warnings: rest.warnings.length,
          batchId,
        },
        'leads imported',
      );
      return {
        status: 'success' as const,
        import_batch_id: batchId,
        total_rows: totalRows,
        skipped_duplicates: skippedDuplicates,
        ...rest,
        errors: [...rest.errors],
        warnings: [...rest.warnings],
      };
    },
  );
};
