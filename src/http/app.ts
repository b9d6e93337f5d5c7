/** The HTTP side of one application: which routes exist, who may use them, and how they fail. */
import websocket from '@fastify/websocket';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Inspection } from '#app/inspection/inspection.ts';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { MachineChart } from '#domain/machine-chart.ts';
import type { TrunkOffice } from '#app/outbound/trunk-office.ts';
import { createAccess } from './access.ts';
import { agentProfilesRoutes, type PromptPorts } from './agent-profiles.routes.ts';
import { callHistoryRoutes } from './call-history.routes.ts';
import { callOrderRoutes, type CallOrders } from './call-order.routes.ts';
import { callsRoutes } from './calls.routes.ts';
import { createAuthentication } from './crm/authentication.ts';
import { consoleRoutes } from './console.routes.ts';
import { callSessionRoutes } from './crm/call-sessions.routes.ts';
import { crmRoutes } from './crm/crm.routes.ts';
import type { FollowUpPorts } from './crm/follow-up.routes.ts';
import type { CrmPorts } from './crm/ports.ts';
import { createSessionAccess } from './crm/session.access.ts';
import type { CallSessionPorts } from './crm/session.ports.ts';
import { createTokens } from './crm/tokens.ts';
import { allowOrigin, allowOrigins } from './cross-origin.ts';
import { handleError, handleNotFound } from './error-handler.ts';
import { createEventFeed, type EventFeedOptions } from './event-feed.ts';
import { eventsRoutes } from './events.routes.ts';
import { callCostRoutes, figuresRoutes, type FiguresPorts } from './figures.routes.ts';
import { healthRoutes, metricsRoutes } from './health.routes.ts';
import { inspectRoutes } from './inspect.routes.ts';
import { machinesRoutes } from './machines.routes.ts';
import { jobsRoutes } from './jobs.routes.ts';
import { collectOpenapi, serveDocs } from './openapi.ts';
import { outboundRoutes } from './outbound.routes.ts';
import type { CallPlacement } from './placement.ts';
import { requireOwnCall } from './own-calls.ts';
import type { CallControl, CallRecords, HealthReport, HttpMetrics, ReplayCall } from './ports.ts';
import { recordingRoutes } from './recording.routes.ts';
import { replayRoutes } from './replay.routes.ts';
import { logRequests, withoutSecrets } from './request-log.ts';
import { buildSerialisers } from './serialisers.ts';
import { trunksRoutes } from './trunks.routes.ts';
import { setUpRoutes } from './set-up.routes.ts';
import { compileValidator } from './validation.ts';

export type HttpDeps = {
  calls: CallControl;
  liveCalls: LiveCallsStore;
  outbound: CallPlacement & CallOrders & { trunks: TrunkOffice };
  records: CallRecords;
  accounting: FiguresPorts;
  replay: ReplayCall;
  inspection: Inspection;
  agents: PromptPorts;
  charts: () => readonly MachineChart[];
  /** Where the built console may lie. */
  consoleDirectories: readonly string[];
  health: () => HealthReport | Promise<HealthReport>;
  metrics: HttpMetrics;
  apiToken: string;
  /** Signs log-in tokens. */
  jwtSecret: string;
  crm: CrmPorts;
  callSessions: CallSessionPorts;
  followUp: FollowUpPorts;
  corsOrigins: readonly string[];
  /** Holds one folder per call, named by its id. */
  sessionsDirectory: string;
  version: string;
  log: FastifyBaseLogger;
  now?: () => number;
  /** Awaited between groups of routes while the server gets ready: calls go on meanwhile. */
  between?: () => Promise<void>;
  events?: Partial<Pick<EventFeedOptions, 'heartbeatMs' | 'maxStreams' | 'maxBufferedBytes'>>;
};

/** How long downloads may go on after `close` before they are cut; so are connections that never asked for anything. */
const CLOSE_GRACE_MS = 1_000;

const closeInTime = (app: FastifyInstance) => {
  let cut: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
  app.addHook('onClose', async () => clearTimeout(cut));
};

/** An empty body is no body, also when it is announced as JSON. */
const acceptEmptyJson = (app: FastifyInstance) => {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, String(body), done);
  });
};

/**
 * Builds the server; `listen` and `close` are the caller's. `close` ends the event streams first.
 * Throws when `apiToken` is empty.
 */
export const buildHttp = (deps: HttpDeps): FastifyInstance => {
  const { calls, liveCalls, records, now = Date.now } = deps;
  const access = createAccess(deps.apiToken);
  const feed = createEventFeed({
    liveCalls,
    now,
    heartbeatMs: 15_000,
    maxStreams: 200,
    maxBufferedBytes: 256 * 1024,
    ...deps.events,
  });

  const app: FastifyInstance = Fastify({
    loggerInstance: withoutSecrets(deps.log),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    // Ids of older systems have up to 128 characters, names of files more.
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: { buildSerializer: buildSerialisers } },
    frameworkErrors: (error, request, reply) => {
      allowOrigin(deps.corsOrigins, request, reply);
      handleError(error, request, reply);
    },
  });
  app.setValidatorCompiler(compileValidator);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  app.addHook('preClose', async () => feed.close());
  acceptEmptyJson(app);
  logRequests(app, deps.metrics);
  closeInTime(app);

  const pause = () => app.register(async () => deps.between?.());
  allowOrigins(app, deps.corsOrigins);
  // Viewers have nothing to say.
  app.register(websocket, { options: { maxPayload: 1024 } });
  collectOpenapi(app, deps.version);
  pause();
  const tokens = createTokens(deps.jwtSecret, now);
  app.register(createAuthentication({ apiToken: deps.apiToken, tokens, identities: deps.crm.identities }));
  const { runtimeFacts } = deps.callSessions;
  app.register(healthRoutes, { health: deps.health, liveCalls, runtimeFacts, now });
  app.register(metricsRoutes, { metrics: deps.metrics });
  app.register(async (own) => {
    own.addHook('preHandler', requireOwnCall({ liveCalls, records }));
    own.register(callsRoutes, { prefix: '/api/v1', calls, liveCalls, records });
    own.register(callHistoryRoutes, { prefix: '/api/v1', calls, liveCalls, records });
    own.register(replayRoutes, { prefix: '/api/v1', records, replay: deps.replay });
    own.register(callOrderRoutes, { prefix: '/api/v1', order: deps.outbound.order, liveCalls, records });
    own.register(callCostRoutes, { prefix: '/api/v1', ...deps.accounting });
    own.register(recordingRoutes, { prefix: '/api/v1', calls, records, sessionsDirectory: deps.sessionsDirectory });
  });
  pause();
  const { defaultRegion } = deps.crm;
  app.register(outboundRoutes, { prefix: '/api/v1', placement: deps.outbound, defaultRegion });
  app.register(trunksRoutes, { prefix: '/api/v1', trunks: deps.outbound.trunks });
  app.register(eventsRoutes, { prefix: '/api/v1', feed });
  app.register(figuresRoutes, { prefix: '/api/v1', ...deps.accounting, now });
  app.register(inspectRoutes, { inspection: deps.inspection });
  app.register(agentProfilesRoutes, { prefix: '/api/v1', ...deps.agents });
  app.register(machinesRoutes, { prefix: '/api/v1', charts: deps.charts });
  app.register(consoleRoutes, { directories: deps.consoleDirectories });
  pause();
  app.register(callSessionRoutes, { ...deps, ...deps.callSessions, now });
  pause();
  app.register(setUpRoutes);
  app.register(jobsRoutes, { prefix: '/api/v1', jobs: deps.followUp.postCall.jobs });
  const followUp = { ...deps.followUp, access: createSessionAccess(deps.callSessions) };
  app.register(crmRoutes, { ...deps.crm, tokens, placement: deps.outbound, followUp, between: deps.between });
  pause();
  serveDocs(app, access);
  return app;
};
