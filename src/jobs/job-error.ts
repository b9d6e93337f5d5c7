import { JobError } from '#domain/job.ts';

/** What an attempt failed with, as it is kept: code and message, never the stack or what lies behind it. */
export const toJobError = (error: unknown): JobError => {
  if (error instanceof JobError) return error;
  return new JobError('fault', 'The job failed by a fault of the program; its log tells more.', { cause: error });
};
