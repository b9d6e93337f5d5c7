/** The application's wiring: opens its parts in order, and closes them in the reverse order. */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import packageJson from '#package.json' with { type: 'json' };
import { requireSetting, type Config } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import { createResourceLedger } from '#domain/resource-ledger.ts';
import { buildHttp } from '#http/app.ts';
import { createMediaPool } from '#media/media-pool.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { createOwnership } from '#persistence/ownership.ts';
import { openDatabase } from '#persistence/database.ts';
import { createJournal } from '#persistence/journal.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';
import { createSignalling, type SipSignalling } from '#sip/sip-signalling.ts';
import { createAgentProfile } from './agent-profile.ts';
import { createCallLogic } from './call-actors.ts';
import { callLimits } from './call-limits.ts';
import { createCallRegistry } from './call-registry.ts';
import { createHealth } from './health.ts';
import { createLiveCallsStore } from './live-calls.store.ts';
import { createMetrics } from './metrics.ts';
import { createRecordingShelf } from './recording-shelf.ts';
import { createSeal } from './seal.ts';
import { createTakeOver } from './take-over.ts';

export type App = {
  http: { host: string; port: number };
  /** Stop accepting, let calls end (politely at the drain time), flush, close everything. */
  stop(): Promise<void>;
};

const VERSION = packageJson.version;
const JOURNAL_STATEMENT_MS = 10_000;
const JOURNAL_CLOSE_MS = 5_000;

/** Rejects with a one-sentence error when a part cannot be opened; what was opened before it is closed again. */
export const buildApp = async (config: Config, log: FastifyBaseLogger): Promise<App> => {
  await using parts = new AsyncDisposableStack();
  const liveCalls = createLiveCallsStore();
  const ledger = createResourceLedger();
  const profile = createAgentProfile(config);
  const databaseUrl = requireSetting(config.database.url, 'DATABASE_URL');
  const nodeId = randomUUID();

  const database = await openDatabase({ url: databaseUrl, log });
  parts.defer(() => database.close());
  await database.migrate();
  const calls = createCallsRepository(database);
  const transcripts = createTranscriptsRepository(database);
  const recordings = createRecordingsRepository(database);
  const ownership = createOwnership({ database, nodeId, log, dataDirectory: config.dataDirectory });
  parts.defer(() => ownership.stop());
  await ownership.start();

  const runner = createStatementRunner({ url: databaseUrl, poolSize: 2, timeoutMs: JOURNAL_STATEMENT_MS, log });
  parts.defer(() => runner.close());
  const metrics = createMetrics({
    liveCalls: () => liveCalls.getSnapshot().context.calls.size,
    journalAvailable: () => journal.isAvailable,
  });
  const journal = createJournal({ run: runner.run, log });
  parts.defer(() => journal.close({ timeoutMs: JOURNAL_CLOSE_MS }));

  const media = createMediaPool({
    workers: config.media.workers,
    rtpHost: config.rtp.host,
    rtpPorts: config.rtp.ports,
    modelChunkMs: config.gemini.chunkMs,
    log,
  });
  parts.defer(() => media.stop());
  await media.start();

  const signalling: SipSignalling = createSignalling({
    host: config.drachtio.host,
    port: config.drachtio.port,
    secret: requireSetting(config.drachtio.secret, 'DRACHTIO_SECRET'),
    allowedCidrs: config.sip.allowed,
    rtpHost: config.rtp.host,
    log,
    onInvite: (invite) => registry.accept(invite),
    onInviteRefused: (reason) => metrics.inviteRefused(reason),
  });
  const shelf = createRecordingShelf({ dataDirectory: config.dataDirectory, recordings, log });
  const registry = createCallRegistry({
    callLogic: createCallLogic({
      journal,
      ledger,
      signalling,
      link: media,
      now: Date.now,
      allowedCidrs: [],
      describeOutgoing: () => {
        throw new Error('No trunk to call out by is configured.');
      },
      saveSegment: transcripts.saveSegment,
      showSegment: (callId, segment) => liveCalls.trigger['transcript.added']({ callId, segment }),
      showQuality: (callId, quality) => liveCalls.trigger['call.changed']({ callId, change: { quality } }),
      historyOf: transcripts.list,
      seal: createSeal(requireSetting(config.http.jwtSecret, 'JWT_SECRET')),
      ...profile,
      ...shelf,
    }),
    journal,
    ledger,
    liveCalls,
    log,
    nodeId,
    limits: callLimits(config),
    language: config.agent.language,
    maxCalls: config.limits.maxCalls,
    newCallId: () => randomUUID() as CallId,
    now: Date.now,
    refuse: (invite, status, retryAfterSeconds) => {
      metrics.inviteRefused('capacity');
      const leg = signalling.attach(invite, () => {});
      leg.refuse(status, { retryAfterSeconds }).catch((error: unknown) => log.warn({ error }, 'INVITE not refused'));
    },
    onEnded: metrics.callEnded,
  });

  const http = buildHttp({
    calls: { find: (callId) => liveCalls.getSnapshot().context.calls.get(callId), hangUp: registry.hangUp },
    liveCalls,
    records: {
      list: calls.list,
      find: calls.find,
      timeline: calls.timeline,
      transcript: transcripts.list,
      recording: recordings.find,
    },
    health: createHealth({ journal, signalling, media, registry, gemini: config.gemini, version: VERSION }),
    metrics,
    apiToken: requireSetting(config.http.apiToken, 'API_TOKEN'),
    corsOrigins: config.http.corsOrigins,
    sessionsDirectory: shelf.sessionsDirectory,
    version: VERSION,
    log,
  });
  parts.defer(() => http.close());
  await http.listen({ host: config.http.host, port: config.http.port });

  // Their ports are bound again before any new call takes one; their dialogs wait for the connection.
  const takeOver = createTakeOver({ ownership, registry, settleUnrecoverable: async (ids) => log.error({ ids }, "not restorable"), log });
  parts.use(takeOver);
  await takeOver.claim();
  parts.defer(() => signalling.close());
  await signalling.connect();
  takeOver.watch();

  const opened = parts.move();
  const address = http.server.address() as AddressInfo;
  return {
    http: { host: config.http.host, port: address.port },
    stop: async () => {
      signalling.accepting = false;
      await registry.drain({ afterMs: config.limits.drainSeconds * 1_000 });
      await opened.disposeAsync();
    },
  };
};
