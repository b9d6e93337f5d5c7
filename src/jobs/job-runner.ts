/**
 * Runs jobs through pg-boss, in a schema of its own and over few connections. It knows a job by its id alone: what the
 * job is about, and what the user sees of it, is kept by its handler. Starts when the database answers, and goes on
 * after an outage.
 */
import { PgBoss, type JobResult, type JobWithMetadata } from 'pg-boss';
import { JobError } from '#domain/job.ts';
import type { Log } from '#domain/log.ts';
import { toJobError } from './job-error.ts';

export type Attempt = {
  jobId: string;
  /** From 1. */
  number: number;
  isLast: boolean;
  /** Aborted when the attempt has taken too long, or the runner stops. */
  signal: AbortSignal;
};

/** Rejects when the attempt failed; with a final `JobError` there is no other. */
export type JobHandler = (attempt: Attempt) => Promise<void>;

export type JobRunnerOptions<Kind extends string> = {
  url: string;
  handlers: Readonly<Record<Kind, JobHandler>>;
  /** The last attempt is over and the job failed; also called for a job whose process died in its last attempt. */
  onDead: (jobId: string) => Promise<void>;
  /** From now on jobs may be sent. */
  onRunning: () => void;
  /** Jobs of one kind at the same time, in this process. */
  concurrency: number;
  log: Log;
  tuning?: Partial<Tuning>;
};

export type Tuning = {
  schema: string;
  retries: number;
  retryDelaySeconds: number;
  /** Longest attempt. */
  expireSeconds: number;
  pollSeconds: number;
  reconnectMs: number;
};

export type JobRunner<Kind extends string> = {
  readonly isRunning: boolean;
  /** Begins in the background. */
  start(): void;
  /** Resolves when the database has the job; sending one again changes nothing. Rejects while it is not running. */
  send(kind: Kind, jobId: string): Promise<void>;
  /** Attempts in progress are aborted; another runner takes their jobs up. */
  stop(): Promise<void>;
};

const DEFAULTS: Tuning = {
  schema: 'trunkline_jobs',
  retries: 4,
  retryDelaySeconds: 5,
  expireSeconds: 2 * 60 * 60,
  pollSeconds: 5,
  reconnectMs: 3_000,
};
const POOL_SIZE = 3;
const LONGEST_RETRY_DELAY_SECONDS = 600;
/** A process that has not reported for so long is dead: its jobs are tried again. */
const HEARTBEAT_SECONDS = 30;
const SUPERVISE_SECONDS = 30;
const KEEP_SECONDS = 24 * 60 * 60;
const STOP_MS = 5_000;
const DEAD = 'dead';

type Payload = { jobId: string };
type Running = { boss: PgBoss; workers: ReadonlyMap<string, string> };

export const createJobRunner = <Kind extends string>(options: JobRunnerOptions<Kind>): JobRunner<Kind> => {
  const { url, handlers, onDead, log } = options;
  const tuning = { ...DEFAULTS, ...options.tuning };
  const stopping = new AbortController();
  let running: Running | null = null;
  let retry: NodeJS.Timeout | null = null;
  let starting: Promise<void> = Promise.resolve();

  const attempt = async (job: JobWithMetadata<Payload>, handle: JobHandler): Promise<JobResult> => {
    try {
      await handle({
        jobId: job.data.jobId,
        number: job.retryCount + 1,
        isLast: job.retryCount >= job.retryLimit,
        signal: AbortSignal.any([job.signal, stopping.signal]),
      });
      return { id: job.id, status: 'completed' };
    } catch (error) {
      const { code, message, isFinal } = toJobError(error);
      return { id: job.id, status: isFinal ? 'deadletter' : 'failed', output: { code, message } };
    }
  };

  const createQueues = async (boss: PgBoss) => {
    await boss.createQueue(DEAD, { retryLimit: 20, retryDelay: 5, deleteAfterSeconds: KEEP_SECONDS });
    for (const kind of Object.keys(handlers)) {
      await boss.createQueue(kind, {
        deadLetter: DEAD,
        retryLimit: tuning.retries,
        retryDelay: tuning.retryDelaySeconds,
        retryBackoff: true,
        retryDelayMax: LONGEST_RETRY_DELAY_SECONDS,
        expireInSeconds: tuning.expireSeconds,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        deleteAfterSeconds: KEEP_SECONDS,
      });
    }
  };

  const work = async (boss: PgBoss) => {
    const polling = { pollingIntervalSeconds: tuning.pollSeconds };
    const workers = new Map<string, string>();
    for (const [kind, handle] of Object.entries<JobHandler>(handlers)) {
      const id = await boss.work(
        kind,
        { ...polling, includeMetadata: true, perJobResults: true, localConcurrency: options.concurrency },
        (jobs: JobWithMetadata<Payload>[]) => Promise.all(jobs.map((job) => attempt(job, handle))),
      );
      workers.set(kind, id);
    }
    await boss.work<Payload>(DEAD, polling, async (jobs) => {
      for (const { data } of jobs) await onDead(data.jobId);
    });
    return workers;
  };

  const open = async () => {
    const boss = new PgBoss({
      connectionString: url,
      schema: tuning.schema,
      max: POOL_SIZE,
      application_name: 'trunkline-jobs',
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    boss.on('error', (error) => log.debug({ error: String(error) }, 'The job runner cannot work with its database.'));
    try {
      await boss.start();
      await createQueues(boss);
      running = { boss, workers: await work(boss) };
      options.onRunning();
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => {});
      throw error;
    }
  };

  const start = () => {
    starting = open().catch((error: unknown) => {
      if (stopping.signal.aborted) return;
      log.warn({ error: String(error) }, 'Jobs wait: their runner cannot start; tried again.');
      retry = setTimeout(start, tuning.reconnectMs);
    });
  };

  return {
    get isRunning() {
      return running !== null;
    },
    start,
    send: async (kind, jobId) => {
      if (!running) throw new JobError('unavailable', 'Jobs cannot be run at the moment.');
      await running.boss.send(kind, { jobId } satisfies Payload, { id: jobId });
      const worker = running.workers.get(kind);
      if (worker) running.boss.notifyWorker(worker);
    },
    stop: async () => {
      stopping.abort(new JobError('stopped', 'The application was stopped during the job.'));
      if (retry) clearTimeout(retry);
      await starting;
      const opened = running;
      running = null;
      await opened?.boss.stop({ graceful: true, timeout: STOP_MS });
    },
  };
};
