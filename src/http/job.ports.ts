/** What the routes of jobs need of the rest. Methods reject as those of `CallRecords` do. */
import type { JobQuery, JobRecord, JobRequest } from '#domain/job.ts';
import type { OwnerScope } from '#domain/user.ts';

export interface JobStore {
  list(scope: OwnerScope, query: JobQuery): Promise<readonly JobRecord[]>;
  find(id: string): Promise<{ job: JobRecord; ownerId: number | null } | null>;
  /** Queues it, unless one of the kind is open for the call: then that one. */
  request(request: JobRequest): Promise<{ job: JobRecord; isNew: boolean }>;
}

/** Post-call work as the API asks for it. */
export interface PostCallDesk {
  readonly jobs: JobStore;
  /** What transcribes recordings; null when nothing does. */
  readonly engine: { method: string; model: string | null } | null;
  /** A job was queued. */
  nudge(): void;
}
