/** Imports that go on after the answer, with their progress. Kept in memory, the last hundred of them. */
import { randomUUID } from 'node:crypto';
import { Problem } from '#http/problem.ts';
import type { ImportJobJson } from '#http/schemas/crm/lead.schema.ts';
import type { LeadImporter, UploadedFile } from './lead-import.ts';

const MAX_JOBS = 100;

type Job = { ownerId: number; shown: ImportJobJson };

const UNEXPECTED = { code: 'internal_error', message: 'Something went wrong; the log has the details.' };
const UNAVAILABLE = { code: 'storage_unavailable', message: 'The database could not be reached. Nothing was stored.' };

const explain = (error: unknown): { code: string; message: string } => {
  if (error instanceof Problem) return { code: error.code, message: error.message };
  return error instanceof Error && 'code' in error && error.code === 'unavailable' ? UNAVAILABLE : UNEXPECTED;
};

export const createImportJobs = (importer: LeadImporter) => {
  const jobs = new Map<string, Job>();

  const forgetOldest = () => {
    const over = [...jobs].find(([, { shown }]) => shown.state !== 'running');
    if (jobs.size > MAX_JOBS && over) jobs.delete(over[0]);
  };

  const run = async (job: Job, file: UploadedFile, onFault: (error: unknown) => void) => {
    const show = (change: Partial<ImportJobJson>) => {
      job.shown = { ...job.shown, ...change };
    };
    try {
      await using taken = file;
      const { errors, warnings, ...result } = await importer({ ownerId: job.ownerId, file: taken, onProgress: show });
      show({ ...result, errors: [...errors], warnings: [...warnings], bytesRead: file.bytes, state: 'finished' });
    } catch (error) {
      const problem = explain(error);
      if (problem === UNEXPECTED) onFault(error);
      // All or none: what was counted so far is not there.
      show({ state: 'failed', imported: 0, problem });
    }
  };

  return {
    /** Takes the file over: it is deleted when the import is done. */
    start(ownerId: number, file: UploadedFile, onFault: (error: unknown) => void): ImportJobJson {
      const importId = randomUUID();
      const shown: ImportJobJson = {
        importId,
        state: 'running',
        bytesRead: 0,
        bytesTotal: file.bytes,
        totalRows: 0,
        imported: 0,
        skippedDuplicates: 0,
        failed: 0,
        batchId: null,
        errors: [],
        warnings: [],
        problem: null,
      };
      const job = { ownerId, shown };
      jobs.set(importId, job);
      forgetOldest();
      void run(job, file, onFault);
      return shown;
    },
    find: (importId: string): Readonly<Job> | null => jobs.get(importId) ?? null,
  };
};
