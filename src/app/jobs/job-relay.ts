/** Takes jobs out of the database's outbox to the runner, and plans those of calls that have ended. */
import type { JobKind } from '#domain/job.ts';
import type { Log } from '#domain/log.ts';
import { planPostCall, type PostCallRules } from '#domain/post-call.ts';
import type { JobRunner } from '#jobs/job-runner.ts';
import type { JobsRepository } from '#persistence/jobs.repository.ts';
import type { PostCallRepository } from '#persistence/post-call.repository.ts';

export type JobRelayDeps = {
  jobs: Pick<JobsRepository, 'undispatched' | 'dispatched'>;
  postCall: Pick<PostCallRepository, 'planEndings'>;
  runner: Pick<JobRunner<JobKind>, 'isRunning' | 'send'>;
  rules: PostCallRules;
  log: Log;
};

export type JobRelay = {
  start(): void;
  /** There may be something new: look soon. */
  nudge(): void;
  stop(): Promise<void>;
};

const LOOK_EVERY_MS = 5_000;
/** What comes within this time is taken together. */
const GATHER_MS = 250;
const AT_ONCE = 100;

export const createJobRelay = ({ jobs, postCall, runner, rules, log }: JobRelayDeps): JobRelay => {
  let timer: NodeJS.Timeout | null = null;
  let isStopped = true;
  let isNudged = false;
  let work: Promise<void> | null = null;

  const dispatch = async () => {
    if (!runner.isRunning) return;
    for (;;) {
      const waiting = await jobs.undispatched(AT_ONCE);
      for (const { id, kind } of waiting) await runner.send(kind, id);
      await jobs.dispatched(waiting.map(({ id }) => id));
      if (waiting.length < AT_ONCE) return;
    }
  };

  const look = async () => {
    isNudged = false;
    try {
      await postCall.planEndings((call) => planPostCall(rules, call), AT_ONCE);
      await dispatch();
    } catch (error) {
      log.debug({ error: String(error) }, 'Jobs could not be looked for; they wait.');
    }
    work = null;
    lookIn(isNudged ? GATHER_MS : LOOK_EVERY_MS);
  };

  const lookIn = (delayMs: number) => {
    if (isStopped) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => {
      work = look();
    }, delayMs);
  };

  return {
    start: () => {
      isStopped = false;
      lookIn(GATHER_MS);
    },
    nudge: () => {
      if (isNudged) return;
      isNudged = true;
      if (!work) lookIn(GATHER_MS);
    },
    stop: async () => {
      isStopped = true;
      if (timer) clearTimeout(timer);
      await work;
    },
  };
};
