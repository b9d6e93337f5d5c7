/** One attempt of a job: its record is kept in step with what becomes of it. */
import type { JobRecord } from '#domain/job.ts';
import type { Log } from '#domain/log.ts';
import { toJobError } from '#jobs/job-error.ts';
import type { JobHandler } from '#jobs/job-runner.ts';
import type { JobsRepository } from '#persistence/jobs.repository.ts';

/** Does the job and writes what it came to, in one transaction with the end of the job. Rejects when it failed. */
export type JobWork = (job: JobRecord, signal: AbortSignal) => Promise<void>;

export type JobAttemptDeps = {
  jobs: Pick<JobsRepository, 'began' | 'retrying' | 'failed'>;
  /** There may be jobs that follow from it. */
  onDone: () => void;
  log: Log;
};

export const createJobAttempt =
  ({ jobs, onDone, log }: JobAttemptDeps) =>
  (work: JobWork): JobHandler =>
  async ({ jobId, number, isLast, signal }) => {
    const job = await jobs.began(jobId, number);
    if (!job) return;
    try {
      await work(job, signal);
      onDone();
    } catch (error) {
      const failure = toJobError(error);
      const { code, message, isFinal, cause } = failure;
      const isOver = isFinal || isLast;
      const because = cause instanceof Error ? cause.message : null;
      const fields = { jobId, callId: job.callId, kind: job.kind, attempt: number, code, because };
      log.warn(fields, isOver ? 'A job failed.' : 'A job failed; it is tried again.');
      await (isOver ? jobs.failed : jobs.retrying)(jobId, { code, message });
      throw failure;
    }
  };
