/** Jobs that a user asks for: transcribe a recording again, sum up a call. Both are answered before they are done. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { summaryLanguageOf } from '#domain/analysis.ts';
import type { CallId } from '#domain/call.ts';
import type { SessionFacts } from '#domain/session.ts';
import { AUDIO_TYPES } from '#domain/transcripts.ts';
import { ownerIdOf } from '#domain/user.ts';
import type { PostCallDesk } from '#http/job.ports.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { SessionMissing, SessionParams } from '#http/schemas/crm/session.schema.ts';
import { RetranscribeAnswer, SummaryQueued, SummaryRequest } from '#http/schemas/crm/transcript-job.schema.ts';
import { sessionNotRegistered, type SessionAccess } from './session.access.ts';
import { showTranscripts } from './session.view.ts';

export type TranscriptJobOptions = {
  access: SessionAccess;
  postCall: PostCallDesk;
};

const tags = ['crm transcripts'];
const config = { who: 'subscriber' } as const;

const audioFilesOf = ({ endedAt, recording }: SessionFacts): number => {
  if (endedAt === null || recording?.state !== 'published') return 0;
  const { files } = recording;
  return AUDIO_TYPES.filter((type) => files[type] !== undefined).length || (files.stereo ? 1 : 0);
};

const transcriptsOf = (session: SessionFacts): number =>
  Object.values(showTranscripts(session) ?? {}).filter(({ success }) => success).length;

export const transcriptJobsRoutes: FastifyPluginAsyncTypebox<TranscriptJobOptions> = async (app, options) => {
  const { access, postCall } = options;

  app.post(
    '/api/transcripts/:session_id/retranscribe',
    {
      config,
      schema: {
        operationId: 'crmRetranscribe',
        tags,
        summary: 'Transcribe the recording of a call again',
        description:
          'Queues a job, unless one is queued already. The text there is stays until the new one is complete.',
        params: SessionParams,
        response: {
          200: RetranscribeAnswer,
          404: SessionMissing,
          ...crmProblems(401, 403, 503),
        },
      },
    },
    async (request) => {
      const opened = await access.open(request, request.params.session_id);
      if (opened.kind !== 'registered') throw sessionNotRegistered();
      const { session } = opened;
      const found = audioFilesOf(session);
      if (found === 0) throw new Problem(404, 'audio_missing', 'This call has no recording that could be transcribed.');
      if (!postCall.engine) {
        throw new Problem(503, 'transcription_unavailable', 'No transcription engine is configured on this server.');
      }
      const { isNew } = await postCall.jobs.request({
        kind: 'transcribe',
        callId: session.sessionId as CallId,
        input: {},
        requestedById: ownerIdOf(request.viewer),
      });
      postCall.nudge();
      return {
        status: 'success' as const,
        message: isNew ? 'Transcription queued' : 'Transcription is queued already',
        session_id: session.sessionId,
        audio_files_found: found,
        source: 'local' as const,
      };
    },
  );

  app.post(
    '/api/transcripts/:session_id/generate_summary',
    {
      config,
      schema: {
        operationId: 'crmGenerateSummary',
        tags,
        summary: 'Sum up a call in a language',
        description: 'Queues a job, unless one is queued already. Nothing but the summary of the call is changed.',
        params: SessionParams,
        body: SummaryRequest,
        response: {
          200: SummaryQueued,
          404: SessionMissing,
          ...crmProblems(401, 403, 422, 503),
        },
      },
    },
    async (request) => {
      const opened = await access.open(request, request.params.session_id);
      if (opened.kind !== 'registered') throw sessionNotRegistered();
      const { session } = opened;
      const found = transcriptsOf(session);
      if (found === 0) {
        throw new Problem(404, 'transcript_missing', 'This call has no transcript yet. Transcribe it first.');
      }
      const { job, isNew } = await postCall.jobs.request({
        kind: 'summarise',
        callId: session.sessionId as CallId,
        input: { language: request.body.language ?? 'English' },
        requestedById: ownerIdOf(request.viewer),
      });
      postCall.nudge();
      return {
        status: 'success' as const,
        message: isNew ? 'Summary queued' : 'A summary is queued already',
        session_id: session.sessionId,
        transcripts_found: found,
        language: summaryLanguageOf(job.input.language),
        source: 'database' as const,
      };
    },
  );
};
