/** What runs at the moment: configuration, live calls, transcription, audio. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import {
  ConfigAnswer,
  LiveSessionsAnswer,
  PreprocessingAnswer,
  TranscriptionStatusAnswer,
} from '#http/schemas/crm/runtime.schema.ts';
import { audioPipeline } from './audio-pipeline.ts';
import { liveSessions, showLiveSession } from './live-sessions.ts';
import type { RuntimeFacts } from './session.ports.ts';

type Options = {
  liveCalls: LiveCallsStore;
  runtimeFacts: () => Promise<RuntimeFacts>;
  now: () => number;
};

const tags = ['crm runtime'];
const LANGUAGES = ['en', 'bg', 'ro', 'el', 'de', 'fr', 'es', 'it', 'ru', 'zh', 'ja', 'ko', 'ar', 'hi', 'pt'];

export const runtimeRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { liveCalls, runtimeFacts, now }) => {
  app.get(
    '/api/config',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetConfig',
        tags,
        summary: 'Number and addresses; the addresses for superadmins only',
        response: { 200: ConfigAnswer, ...crmProblems(401, 403, 503) },
      },
    },
    async ({ viewer }) => {
      const { phoneNumber, localIp, gateway, sipPort } = await runtimeFacts();
      const isOperator = viewer.role === 'superadmin';
      return {
        status: 'success' as const,
        config: {
          phone_number: phoneNumber,
          local_ip: isOperator ? localIp : null,
          gate_voip_ip: isOperator ? gateway : null,
          sip_port: sipPort,
          voice_agent: 'voice-agent',
        },
      };
    },
  );

  app.get(
    '/api/sessions',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmListLiveSessions',
        tags,
        summary: 'Live calls',
        response: { 200: LiveSessionsAnswer, ...crmProblems(401, 403) },
      },
    },
    async ({ scope }) => {
      const sessions = liveSessions(liveCalls, scope).map((call) => showLiveSession(call, now()));
      return {
        status: 'success' as const,
        active_sessions: sessions.length,
        sessions,
      };
    },
  );

  app.get(
    '/api/transcription/status',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetTranscriptionStatus',
        tags,
        summary: 'Whether recordings can be transcribed',
        response: {
          200: TranscriptionStatusAnswer,
          ...crmProblems(401, 403, 503),
        },
      },
    },
    async () => {
      const { isAvailable, method, reason } = (await runtimeFacts()).transcription;
      return {
        status: 'success' as const,
        transcription_available: isAvailable,
        transcription_method: method,
        service_status: isAvailable ? ('enabled' as const) : ('disabled' as const),
        model_info: isAvailable ? { model_size: null, model_loaded: true } : null,
        supported_languages: isAvailable ? LANGUAGES : [],
        reason,
      };
    },
  );

  app.get(
    '/api/audio/preprocessing',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetAudioPreprocessing',
        tags,
        summary: "What happens to the caller's voice on its way to the model",
        response: { 200: PreprocessingAnswer, ...crmProblems(401, 403) },
      },
    },
    async () => audioPipeline,
  );
};
