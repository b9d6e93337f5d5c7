/** `/health` as every open page polls it: 200 while the process serves. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { HealthReport } from '#http/ports.ts';
import { CrmHealth } from '#http/schemas/crm/runtime.schema.ts';
import { audioFeatures } from './audio-pipeline.ts';
import { liveSessions } from './live-sessions.ts';
import type { RuntimeFacts } from './session.ports.ts';

type Options = {
  /** Never rejects. */
  reportHealth: (request: FastifyRequest) => Promise<Pick<HealthReport, 'status'>>;
  liveCalls: LiveCallsStore;
  runtimeFacts: () => Promise<RuntimeFacts>;
  now: () => number;
};

const showFacts = ({ phoneNumber, localIp, gateway, transcription, greeting }: RuntimeFacts, isOperator: boolean) => ({
  phone_number: phoneNumber,
  local_ip: isOperator ? localIp : null,
  gate_voip: isOperator ? gateway : null,
  transcription_available: transcription.isAvailable,
  transcription_method: transcription.method,
  transcription_model: transcription.model,
  greeting_generator_available: greeting.isAvailable,
  greeting_generator_method: greeting.method,
  audio_preprocessing: audioFeatures,
});

export const crmHealthRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { reportHealth, liveCalls, runtimeFacts, now } = options;
  app.get(
    '/health',
    {
      config: { who: 'public' },
      schema: {
        operationId: 'getHealth',
        tags: ['operation'],
        summary: 'Whether it works; always 200',
        description: 'Who is logged in is told more; a wrong token counts as none.',
        security: [],
        response: { 200: CrmHealth },
      },
    },
    async (request) => {
      const report = await reportHealth(request);
      const status = report.status === 'ok' ? ('healthy' as const) : ('degraded' as const);
      const timestamp = new Date(now()).toISOString();
      const identity = await request.identify();
      if (!identity) return { status, timestamp };
      const { length } = liveSessions(liveCalls, identity.scope);
      const facts = showFacts(await runtimeFacts(), identity.viewer.role === 'superadmin');
      return { status, active_sessions: length, ...facts, timestamp };
    },
  );
};
