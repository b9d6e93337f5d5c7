/** What was said in a call, and what came of it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AUDIO_TYPES } from '#domain/transcripts.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import {
  SessionMissing,
  SessionParams,
  SummaryAnswer,
  TranscriptAnswer,
  TranscriptParams,
  TranscriptsAnswer,
} from '#http/schemas/crm/session.schema.ts';
import type { SessionAccess } from './session.access.ts';
import { showAnalysis, showSessionInfo, showTranscripts } from './session.view.ts';

const tags = ['crm transcripts'];

const none = (code: string, message: string) => new Problem(404, code, message);

export const transcriptsRoutes: FastifyPluginAsyncTypebox<{ access: SessionAccess }> = async (app, { access }) => {
  app.get(
    '/api/transcripts/:session_id',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetTranscripts',
        tags,
        summary: 'Transcripts of a call',
        description: 'Also during the call, as far as it has come. Empty when there is none yet.',
        params: SessionParams,
        response: { 200: TranscriptsAnswer, 404: SessionMissing, ...crmProblems(401, 403, 503) },
      },
    },
    async (request) => {
      const { session } = await access.open(request, request.params.session_id);
      return {
        status: 'success' as const,
        session_id: session.sessionId,
        session_info: showSessionInfo(session),
        transcripts: showTranscripts(session) ?? {},
      };
    },
  );

  app.get(
    '/api/transcripts/:session_id/summary',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetSummary',
        tags,
        summary: 'Summary of a call',
        params: SessionParams,
        response: { 200: SummaryAnswer, 404: SessionMissing, ...crmProblems(401, 403, 503) },
      },
    },
    async (request) => {
      const { session } = await access.open(request, request.params.session_id);
      const summary = showAnalysis(session);
      if (!summary) throw none('summary_missing', 'This call has no summary yet. Generate one first.');
      return { status: 'success' as const, session_id: session.sessionId, summary };
    },
  );

  app.get(
    '/api/transcripts/:session_id/:audio_type',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetTranscript',
        tags,
        summary: 'One transcript of a call: mixed, incoming or outgoing',
        params: TranscriptParams,
        response: { 200: TranscriptAnswer, 404: SessionMissing, ...crmProblems(400, 401, 403, 503) },
      },
    },
    async (request) => {
      const { session_id: sessionId, audio_type: given } = request.params;
      const audioType = AUDIO_TYPES.find((type) => type === given);
      if (!audioType) {
        throw new Problem(400, 'audio_type_unknown', `audio_type must be one of ${AUDIO_TYPES.join(', ')}.`);
      }
      const { session } = await access.open(request, sessionId);
      const transcript = showTranscripts(session)?.[audioType];
      if (!transcript) throw none('transcript_missing', `This call has no ${audioType} transcript yet.`);
      return { status: 'success' as const, session_id: session.sessionId, audio_type: audioType, transcript };
    },
  );
};
