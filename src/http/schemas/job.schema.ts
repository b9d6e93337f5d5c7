import { Type } from 'typebox';
import { JOB_KINDS, JOB_STATES } from '#domain/job.ts';
import { nullable, Timestamp } from './common.schema.ts';

const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ ...Type.String(), enum: [...values], description });

const Kind = oneOf(JOB_KINDS, 'What is done: a recording is transcribed, a call is summed up.');
const State = oneOf(JOB_STATES, '`retrying` waits for its next attempt; `completed` and `failed` are final.');

export const JobView = Type.Object(
  {
    id: Type.String({ format: 'uuid', examples: ['0b52a2b6-9a29-4f0c-9d53-2f43a3c3d0f1'] }),
    kind: Kind,
    callId: Type.String({ description: 'The call it is about.', examples: ['417252eb-ca15-4ca7-b518-a5e053ad59d1'] }),
    state: State,
    attempts: Type.Integer({ description: 'Begun so far.', examples: [1] }),
    result: nullable(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        additionalProperties: true,
        description: 'Counts; never what was said.',
        examples: [{ files: 2, characters: 812 }],
      }),
    ),
    failure: nullable(
      Type.Unsafe<{ code: string; message: string }>({
        ...Type.Object({ code: Type.String(), message: Type.String() }),
        description: 'Of the last attempt that failed; null after success.',
      }),
    ),
    requestedById: nullable(Type.Integer({ description: 'The user who asked; null: the call ended.' })),
    createdAt: Timestamp,
    startedAt: nullable(Timestamp),
    finishedAt: nullable(Timestamp),
  },
  { title: 'Job' },
);

export const JobPage = Type.Object({ jobs: Type.Array(JobView), nextCursor: nullable(Type.String()) });

export const JobListQuery = Type.Object(
  {
    kind: Type.Optional(Kind),
    state: Type.Optional(State),
    callId: Type.Optional(Type.String({ maxLength: 128 })),
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);

export const JobParams = Type.Object({ jobId: Type.String({ maxLength: 64 }) });
