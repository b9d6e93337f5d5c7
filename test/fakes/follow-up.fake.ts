/** Jobs that nobody runs, and no SMS, for HTTP over fakes. */
import { randomUUID } from 'node:crypto';
import type { JobRecord } from '#domain/job.ts';
import type { FollowUpPorts } from '#http/crm/follow-up.routes.ts';

export const createFakeFollowUp = (change: Partial<FollowUpPorts> = {}): FollowUpPorts => {
  const jobs: JobRecord[] = [];
  return {
    postCall: {
      engine: { method: 'gemini_api', model: 'gemini-2.5-flash' },
      nudge: () => {},
      jobs: {
        list: async () => jobs,
        find: async (id) => {
          const job = jobs.find((each) => each.id === id);
          return job ? { job, ownerId: null } : null;
        },
        request: async (request) => {
          const job: JobRecord = {
            ...request,
            id: randomUUID(),
            state: 'queued',
            attempts: 0,
            result: null,
            failure: null,
            createdAt: new Date(0),
            startedAt: null,
            finishedAt: null,
          };
          jobs.push(job);
          return { job, isNew: true };
        },
      },
    },
    sms: null,
    gateSlots: { pool: { min: 9, max: 19 }, holder: async () => null },
    greetings: {
      method: 'fake',
      fallbackLanguage: 'en-US',
      make: async ({ userId }) => ({ file: `greetings/greeting_${userId}.wav`, transcript: 'Hello.' }),
    },
    ...change,
  };
};
