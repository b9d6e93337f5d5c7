/** What follows calls, wired: engines, jobs, their runner and its outbox. */
import { childEnvironment, requireSetting, type Config } from '#config.ts';
import type { JobKind } from '#domain/job.ts';
import type { Log } from '#domain/log.ts';
import type { TranscriptionEngine } from '#domain/transcription-engine.ts';
import { createSummarise } from '#gemini/call-summary.ts';
import type { TextModel } from '#gemini/structured-answer.ts';
import { createGeminiTranscription } from '#gemini/transcription-engine.ts';
import { createJobRunner, type Tuning } from '#jobs/job-runner.ts';
import { writeWideCopy } from '#media/wide-copy.ts';
import type { Database } from '#persistence/database.ts';
import { createJobsRepository, type JobsRepository } from '#persistence/jobs.repository.ts';
import { createPostCallRepository } from '#persistence/post-call.repository.ts';
import { createCommandEngine } from '#transcription/command-engine.ts';
import { createJobAttempt } from './job-attempt.ts';
import { createJobRelay } from './job-relay.ts';
import { createSummariseJob } from './summarise.job.ts';
import { createTranscribeJob } from './transcribe.job.ts';

export type PostCallWorkOptions = {
  config: Pick<Config, 'gemini' | 'postCall'>;
  database: Database;
  /** Where the runner has its connections. */
  url?: string;
  sessionsDirectory: string;
  log: Log;
  now: () => number;
  tuning?: Partial<Tuning>;
};

export type PostCallWork = AsyncDisposable & {
  readonly jobs: JobsRepository;
  readonly engine: Pick<TranscriptionEngine, 'method' | 'model'> | null;
  start(): void;
  /** A call has ended, or a job was requested: look for it soon. */
  nudge(): void;
};

/** Any key will do for the rehearsal server. */
const REHEARSAL_KEY = 'rehearsal';
const LOST = { code: 'lost', message: 'The process that ran the job was lost, or the job took too long.' };
const ANSWER_MS = 180_000;

const chooseEngine = ({ config, log }: PostCallWorkOptions, model: TextModel): TranscriptionEngine | null => {
  const { engine, command, timeoutSeconds } = config.postCall;
  if (engine === 'off') return null;
  if (engine === 'gemini') return createGeminiTranscription(model);
  return createCommandEngine({
    command: requireSetting(command, 'TRANSCRIPTION_COMMAND'),
    timeoutMs: timeoutSeconds * 1_000,
    environment: childEnvironment({}),
    writeWideCopy,
    log,
  });
};

/** Throws `ConfigError` when an engine is chosen but not described. Runs nothing before `start`. */
export const createPostCallWork = (options: PostCallWorkOptions): PostCallWork => {
  const { config, database, log } = options;
  const jobs = createJobsRepository(database);
  const postCall = createPostCallRepository(database);
  const { textModel, transcribe, summarise, summaryLanguage, atOnce } = config.postCall;
  const model: TextModel = {
    apiKey: config.gemini.apiKey ?? REHEARSAL_KEY,
    baseUrl: config.gemini.baseUrl,
    apiVersion: config.gemini.apiVersion,
    model: textModel,
    timeoutMs: ANSWER_MS,
  };
  const engine = chooseEngine(options, model);
  const nudge = () => relay.nudge();
  const attempt = createJobAttempt({ jobs, onDone: nudge, log });
  const runner = createJobRunner<JobKind>({
    url: options.url ?? database.url,
    onRunning: nudge,
    concurrency: atOnce,
    log,
    handlers: {
      transcribe: attempt(createTranscribeJob({ ...options, postCall, engine })),
      summarise: attempt(createSummariseJob({ postCall, summarise: createSummarise(model) })),
    },
    onDead: (jobId) => jobs.failed(jobId, LOST),
    ...(options.tuning && { tuning: options.tuning }),
  });
  const rules = { transcribe: transcribe && engine !== null, summarise, summaryLanguage };
  const relay = createJobRelay({ jobs, postCall, runner, rules, log });
  return {
    jobs,
    engine,
    start: () => {
      runner.start();
      relay.start();
    },
    nudge,
    [Symbol.asyncDispose]: async () => {
      await relay.stop();
      await runner.stop();
    },
  };
};
