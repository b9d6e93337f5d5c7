/** How long the callers of live calls wait. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LiveCall, LiveCallsStore } from '#app/live-calls.store.ts';
import { isCallId, type CallId } from '#domain/call.ts';
import type { CallLatency } from '#domain/call-latency.ts';
import { canSee } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { LatencyAnswer, LatencyListAnswer } from '#http/schemas/crm/runtime.schema.ts';
import { SessionParams } from '#http/schemas/crm/session.schema.ts';
import { isUp, liveSessions, secondsSince } from './live-sessions.ts';

type Options = {
  liveCalls: LiveCallsStore;
  latencyOf: (callId: CallId) => CallLatency | null;
  now: () => number;
};

const tags = ['crm runtime'];
/** What people take for a pause. */
const SLOW_MS = 1_500;
const ADVICE = 'The model takes long to answer: look at its region, its load and the length of the prompt.';

const bottleneckOf = ({ answer }: CallLatency) => ({
  stage: answer.count > 0 ? 'user_eot_to_ai_audio' : null,
  avg_latency_ms: answer.avg,
  recommendation: answer.avg > SLOW_MS ? ADVICE : null,
});

export const latencyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { liveCalls, latencyOf, now }) => {
  const show = ({ callId, startedAt, quality }: LiveCall, { answer, networkMs }: CallLatency) => ({
    session_id: callId,
    duration_sec: secondsSince(startedAt, now()),
    packets_tracked: quality?.packetsReceived ?? 0,
    responses_tracked: answer.count,
    stages: { user_eot_to_ai_audio: answer },
    network_estimates_ms: {
      sim_gate_to_agent: networkMs,
      agent_to_gemini: null,
    },
  });

  app.get(
    '/api/latency',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmListLatency',
        tags,
        summary: 'Latency of live calls',
        response: { 200: LatencyListAnswer, ...crmProblems(401, 403) },
      },
    },
    async ({ scope }) => {
      const sessions = liveSessions(liveCalls, scope).map((call) => {
        const latency = latencyOf(call.callId);
        return {
          session_id: call.callId,
          caller_id: call.callerNumber,
          duration_sec: secondsSince(call.startedAt, now()),
          latency: latency && show(call, latency),
        };
      });
      return {
        status: 'success' as const,
        active_sessions: sessions.length,
        sessions,
        ...(sessions.length === 0 ? { message: 'No call is live.' } : {}),
      };
    },
  );

  app.get(
    '/api/latency/:session_id',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'crmGetLatency',
        tags,
        summary: 'Latency of one live call',
        params: SessionParams,
        response: { 200: LatencyAnswer, ...crmProblems(401, 403, 404) },
      },
    },
    async ({ params: { session_id: sessionId }, scope }) => {
      const call = isCallId(sessionId) ? liveCalls.find(sessionId) : undefined;
      if (!call || !isUp(call)) throw new Problem(404, 'session_not_live', 'This call is not live.');
      if (!canSee(scope, call.ownerId)) {
        throw new Problem(403, 'session_not_yours', 'This call belongs to somebody else.');
      }
      const latency = latencyOf(call.callId);
      if (!latency) throw new Problem(404, 'session_not_live', 'This call is not live.');
      return {
        status: 'success' as const,
        session_id: call.callId,
        caller_id: call.callerNumber,
        latency: { ...show(call, latency), bottleneck: bottleneckOf(latency) },
      };
    },
  );
};
