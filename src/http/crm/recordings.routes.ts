/** The list of recordings. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { RecordingList, RecordingListQuery } from '#http/schemas/crm/session.schema.ts';
import type { OrphanSessions, SessionStore } from './session.ports.ts';
import { showRecording, type SignPath } from './session.view.ts';

type Options = { sessions: SessionStore; orphans: OrphanSessions; sign: SignPath };

export const recordingsRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { sessions, orphans, sign }) => {
  app.get(
    '/api/recordings',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmListRecordings',
        tags: ['crm recordings'],
        summary: 'Calls that are over and have audio, newest first',
        querystring: RecordingListQuery,
        response: { 200: RecordingList, ...crmProblems(401, 422, 503) },
      },
    },
    async ({ query: { limit }, scope }) => {
      const registered = await sessions.recorded({ scope, limit });
      const found = [...registered, ...orphans.unregistered(scope)]
        .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
        .slice(0, limit);
      const recordings = found.map((session) => showRecording(session, sign)).filter((recording) => recording !== null);
      return { status: 'success' as const, total_recordings: recordings.length, recordings };
    },
  );
};
