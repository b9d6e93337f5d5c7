/** Calls as the CRM lists and opens them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  Session,
  SessionList,
  SessionListQuery,
  SessionMissing,
  SessionParams,
} from '#http/schemas/crm/session.schema.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { sendUtf8 } from '#http/utf8-body.ts';
import { sessionNotRegistered, type SessionAccess } from './session.access.ts';
import type { SessionStore } from './session.ports.ts';
import { showSession, type SessionViewOptions } from './session.view.ts';

/** The view has the fields of the schema and no other; what a schema compiles to takes three times as long. */
const plainJson = () => (data: unknown) => JSON.stringify(data);

type Options = { sessions: SessionStore; access: SessionAccess; view: SessionViewOptions };

export const sessionsRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { sessions, access, view }) => {
  app.get(
    '/api/crm/sessions',
    {
      config: { who: 'user' },
      serializerCompiler: plainJson,
      onSend: sendUtf8,
      schema: {
        operationId: 'crmListSessions',
        tags: ['crm sessions'],
        summary: 'Calls, newest first',
        description: 'A bare array. Calls of nobody are seen by superadmins only.',
        querystring: SessionListQuery,
        response: { 200: SessionList, ...crmProblems(401, 422, 503) },
      },
    },
    async ({ query, scope }) => {
      const { campaign_id: campaignId = null, lead_id: leadId = null, status = null, limit } = query;
      const found = await sessions.list({ scope, campaignId, leadId, status, limit });
      return found.map((session) => showSession(session, view));
    },
  );

  app.get(
    '/api/crm/sessions/:session_id',
    {
      config: { who: 'user' },
      serializerCompiler: plainJson,
      onSend: sendUtf8,
      schema: {
        operationId: 'crmGetSession',
        tags: ['crm sessions'],
        summary: 'One call',
        description:
          'A call of which only the folder is left gets its row first. A call of nobody is claimed by the first admin or ' +
          'agent with a live subscription who opens it.',
        params: SessionParams,
        response: { 200: Session, 404: SessionMissing, ...crmProblems(401, 403, 503) },
      },
    },
    async (request) => {
      const opened = await access.open(request, request.params.session_id);
      if (opened.kind === 'unregistered') throw sessionNotRegistered();
      return showSession(opened.session, view);
    },
  );
};
