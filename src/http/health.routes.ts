/** Health for people, load balancers and Prometheus. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import { crmHealthRoutes } from './crm/crm-health.routes.ts';
import type { RuntimeFacts } from './crm/session.ports.ts';
import type { HealthReport, HttpMetrics } from './ports.ts';
import { nullable, problems } from './schemas/common.schema.ts';

type Options = {
  health: () => HealthReport | Promise<HealthReport>;
  liveCalls: LiveCallsStore;
  runtimeFacts: () => Promise<RuntimeFacts>;
  now: () => number;
};

const Overall = Type.Enum(['ok', 'degraded']);

const Health = Type.Object(
  {
    status: Overall,
    ready: Type.Boolean(),
    version: Type.String(),
    uptimeSeconds: Type.Integer(),
    liveCalls: Type.Integer(),
    parts: Type.Record(
      Type.String(),
      Type.Object({
        status: Type.Enum(['ok', 'degraded', 'down']),
        detail: nullable(Type.String()),
      }),
    ),
  },
  { title: 'Health' },
);

const Readiness = Type.Object({ ready: Type.Boolean() }, { title: 'Readiness' });

const UNKNOWN: HealthReport = {
  status: 'degraded',
  ready: false,
  version: '',
  uptimeSeconds: 0,
  liveCalls: 0,
  parts: {},
};

/** A part that hangs must not make the prober hang. */
const HEALTH_TIMEOUT_MS = 2_000;

const inTime = async <T>(work: T | Promise<T>): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('A part did not tell its health in time.')), HEALTH_TIMEOUT_MS);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};

export const healthRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { health, ...facts }) => {
  const report = async ({ log }: Pick<FastifyRequest, 'log'>): Promise<HealthReport> => {
    try {
      return await inTime(health());
    } catch (error) {
      log.error({ err: error }, 'health could not be told');
      return UNKNOWN;
    }
  };

  app.register(crmHealthRoutes, { ...facts, reportHealth: report });

  app.get(
    '/api/v1/health',
    {
      config: { who: 'superadmin' },
      schema: {
        operationId: 'getHealthOfParts',
        tags: ['operation'],
        summary: 'What works and what does not; always 200',
        response: { 200: Health, ...problems(401, 403) },
      },
    },
    async (request) => {
      const found = await report(request);
      return { ...found, uptimeSeconds: Math.trunc(found.uptimeSeconds) };
    },
  );

  app.get(
    '/ready',
    {
      config: { who: 'public' },
      schema: {
        operationId: 'getReadiness',
        tags: ['operation'],
        summary: 'Whether new calls are taken: 200 or 503',
        security: [],
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (request, reply) => {
      const { ready } = await report(request);
      return reply.code(ready ? 200 : 503).send({ ready });
    },
  );
};

export const metricsRoutes: FastifyPluginAsyncTypebox<{ metrics: HttpMetrics }> = async (app, { metrics }) => {
  app.get(
    '/metrics',
    {
      config: { who: 'superadmin' },
      schema: {
        operationId: 'getMetrics',
        tags: ['operation'],
        summary: 'Prometheus metrics',
        response: {
          200: { description: 'Text exposition.', content: { 'text/plain': { schema: Type.String() } } },
          ...problems(401, 403),
        },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await metrics.expose();
      return reply.type(contentType).send(text);
    },
  );
};
