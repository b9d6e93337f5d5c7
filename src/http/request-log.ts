/** One log line for each answered request. Queries are left out: they can hold a token or a phone number. */
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpMetrics } from './ports.ts';

export const pathOf = (url: string) => url.split('?', 1)[0] ?? '';

/** A logger whose serialisers keep headers and queries of requests out. */
export const withoutSecrets = (log: FastifyBaseLogger): FastifyBaseLogger =>
  log.child(
    {},
    {
      serializers: {
        req: (request: { method?: string; url?: string }) => ({
          method: request.method,
          path: pathOf(request.url ?? ''),
        }),
        res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
      },
    },
  );

/** Polled every few seconds by machines. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

const logAnswer = (request: FastifyRequest, reply: FastifyReply, metrics: HttpMetrics) => {
  const { method } = request;
  const route = request.routeOptions.url ?? 'unmatched';
  const status = reply.statusCode;
  const ms = Math.round(reply.elapsedTime);
  metrics.httpAnswered({ method, route, status, seconds: reply.elapsedTime / 1000 });
  const line = { method, path: pathOf(request.url), status, ms, complete: reply.raw.writableFinished };
  if (QUIET_ROUTES.has(route)) request.log.debug(line, 'answered');
  else request.log.info(line, 'answered');
};

/** Also logs answers whose reader went away, for which no `onResponse` comes: event streams usually end so. */
export const logRequests = (app: FastifyInstance, metrics: HttpMetrics) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.raw.once('close', () => logAnswer(request, reply, metrics));
  });
};
