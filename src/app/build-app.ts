/** The application's wiring: opens its parts in order, and closes them in the reverse order. */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import packageJson from '#package.json' with { type: 'json' };
import type { FastifyBaseLogger } from 'fastify';
import { requireSetting, type Config } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import { createResourceLedger } from '#domain/resource-ledger.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
import type { MediaPool } from '#media/media-pool.ts';
import { createCallLinksRepository } from '#persistence/call-links.repository.ts';
import { createDialQueue } from '#persistence/dial-queue.repository.ts';
import { createFiguresRepository } from '#persistence/figures.repository.ts';
import { createSignalling, type SipSignalling } from '#sip/sip-signalling.ts';
import { createActorRoster } from './actor-roster.ts';
import { createAgentProfile } from './agent-profile.ts';
import { createCallSessions } from './build-call-sessions.ts';
import { createCallLogic } from './call-actors.ts';
import { createCallAdmission } from './call-admission.ts';
import { createCrm } from './build-crm.ts';
import { openPrompts } from './build-prompts.ts';
import { createDialler } from './dialling/dialler.ts';
import { createEndCallsOf } from './end-calls-of.ts';
import { callLimits } from './call-limits.ts';
import { createFollowUp } from './build-follow-up.ts';
import { createCallRegistry } from './call-registry.ts';
import { consoleFolders } from './console-folder.ts';
import { createHealth } from './health.ts';
import { createPostCallWork } from './jobs/post-call-work.ts';
import { createInspection } from './inspection/inspection.ts';
import { createLetGo } from './let-go.ts';
import { createLatencyWatch } from './latency-watch.ts';
import { createLiveCallsStore } from './live-calls.store.ts';
import { machineCharts } from './machine-charts.ts';
import { createMetrics } from './metrics.ts';
import { onlyWhileOurs } from './only-while-ours.ts';
import { openStorage } from './open-storage.ts';
import { prepareAccounts } from './prepare-accounts.ts';
import { replay } from './replay.ts';
import { openOutbound } from './outbound/open-outbound.ts';
import { transferUserOf } from './outbound/transfer-target.ts';
import { createRecordingShelf } from './recording-shelf.ts';
import { createSeal } from './seal.ts';
import { createSessionFiles } from './session-files.ts';
import { shutDown, type Parting } from './shut-down.ts';
import { createTakeOver } from './take-over.ts';
import { untilRejoined } from './until-rejoined.ts';

export type App = {
  http: { host: string; port: number };
  /** There is no superadmin yet: the set-up link makes one. */
  needsSetUp: boolean;
  /** Stop accepting, let calls end until the drain time, end or leave the others, flush, close everything. */
  stop(parting: Parting): Promise<void>;
};

const VERSION = packageJson.version;
const LONGEST_PAUSE_MS = 100;

/** Rejects with a one-sentence error when a part cannot be opened; what was opened before it is closed again. */
export const buildApp = async (config: Config, log: FastifyBaseLogger, started: MediaPool): Promise<App> => {
  await using parts = new AsyncDisposableStack();
  const { dataDirectory } = config;
  const url = requireSetting(config.database.url, 'DATABASE_URL');
  const secret = requireSetting(config.drachtio.secret, 'DRACHTIO_SECRET');
  const apiToken = requireSetting(config.http.apiToken, 'API_TOKEN');
  const jwtSecret = requireSetting(config.http.jwtSecret, 'JWT_SECRET');
  const seal = createSeal(jwtSecret);
  const nodeId = randomUUID();
  const ledger = createResourceLedger();
  const liveCalls = createLiveCallsStore();
  const roster = createActorRoster();

  const media = parts.adopt(started, (pool) => pool.stop());
  const metrics = createMetrics({
    liveCalls: () => liveCalls.getSnapshot().context.calls.size,
    journalAvailable: () => journal.isAvailable,
  });
  const onFenced = (callId: CallId) => registry.abandon(callId);
  const [storage] = await Promise.all([
    openStorage({ url, dataDirectory, nodeId, log, onFenced, onFlushed: (seconds) => metrics.journalFlushed(seconds) }),
    media.ready,
  ]);
  parts.use(storage);
  const { journal, calls, transcripts, recordings, ownership, reconciler } = storage;
  liveCalls.on('call.ended', ({ ended }) => storage.memory.forget(ended.callId));

  const signalling: SipSignalling = createSignalling({
    host: config.drachtio.host,
    port: config.drachtio.port,
    secret,
    allowedCidrs: config.sip.allowed,
    rtpHost: config.rtp.host,
    log,
    maySend: () => ownership.isCurrent,
    onInvite: (invite) => admission.admit(invite),
    onInviteRefused: (reason) => metrics.inviteRefused(reason),
  });
  parts.defer(() => signalling.close());
  const outbound = parts.use(
    await openOutbound({
      config,
      database: storage.database,
      seal,
      nodeId,
      registry: () => registry,
      signalling,
      roster,
      log,
    }),
  );
  const { prompts, clips, ports: agents } = openPrompts({ config, database: storage.database, log });
  const shelf = createRecordingShelf({ dataDirectory, recordings, log });
  const refuse = (invite: IncomingInvite, status: number, retryAfterSeconds: number) => {
    metrics.inviteRefused('capacity');
    const leg = signalling.attach(invite, () => {});
    leg.refuse(status, { retryAfterSeconds }).catch((error: unknown) => log.warn({ error }, 'INVITE not refused'));
  };
  const admission = createCallAdmission({
    linksOf: createCallLinksRepository(storage.database, config.crm).ofIncoming,
    accept: (invite, links) => registry.accept(invite, links),
    log,
  });
  const latencyOf = createLatencyWatch(media, liveCalls);
  const isLive = (callId: CallId) => registry.isLive(callId) || journal.isTracked(callId);
  const afterCalls = parts.use(
    createPostCallWork({
      ...{ config, database: storage.database, log, now: Date.now },
      sessionsDirectory: shelf.sessionsDirectory,
    }),
  );
  const followUp = createFollowUp({ config, database: storage.database, postCall: afterCalls, log });
  const kept = createSessionFiles({ directoryOf: shelf.directoryOf, transcriptOf: transcripts.list, log }).around(
    journal,
  );
  const registry = createCallRegistry({
    callLogic: createCallLogic({
      journal: kept,
      ledger,
      signalling,
      link: media,
      seal,
      now: Date.now,
      mediaCidrsOf: outbound.mediaCidrsOf,
      describeOutgoing: outbound.calls.describe,
      changeTrunk: outbound.calls.changeTrunk,
      transferUser: transferUserOf(config.transferNumbers),
      historyOf: storage.memory.historyOf,
      saveSegment: onlyWhileOurs(ownership, transcripts.saveSegment),
      showSegment: (callId, segment) => liveCalls.trigger['transcript.added']({ callId, segment }),
      onWorkerLost: (callId) => queueMicrotask(() => registry.rejoin(callId)),
      showQuality: (callId, quality) => liveCalls.trigger['call.changed']({ callId, change: { quality } }),
      ...createAgentProfile(config, prompts, clips),
      ...shelf,
    }),
    journal: kept,
    ledger,
    liveCalls,
    roster,
    log,
    nodeId,
    limits: callLimits(config),
    language: config.agent.language,
    answeringMachine: config.agent.answeringMachine,
    trunkFrom: outbound.trunkFrom,
    maxCalls: config.limits.maxCalls,
    newCallId: () => randomUUID() as CallId,
    now: Date.now,
    refuse,
    onEnded: (ended) => {
      metrics.callEnded(ended);
      afterCalls.nudge();
      // Calls that come in hold no capacity.
      if (liveCalls.findEnded(ended.callId)?.last.direction !== 'inbound') outbound.calls.release(ended.callId);
      prompts.forget(ended.callId);
      clips.forget(ended.callId);
    },
  });

  // Their ports are bound again before any new call takes one; their dialogs wait for the connection.
  const takeOver = parts.use(
    createTakeOver({
      ownership,
      registry,
      reconciler,
      media,
      sessionsDirectory: shelf.sessionsDirectory,
      isLive,
      letGo: createLetGo({ signalling, log }),
      finishRecording: shelf.finish,
      log,
    }),
  );
  await takeOver.recover(storage.spooledCalls);
  await takeOver.claim();
  await signalling.connect();
  outbound.begin();
  takeOver.watch();

  const consolePages = consoleFolders(dataDirectory);
  const endCallsOf = createEndCallsOf({ liveCalls, hangUp: registry.hangUp });
  await untilRejoined(liveCalls);
  const { database } = storage;
  const needsSetUp = await prepareAccounts({ database, accounts: config.accounts, dataDirectory, log });
  const dialler = createDialler({
    queue: createDialQueue(database, nodeId),
    placement: outbound.calls,
    onProgress: (progress) => liveCalls.trigger['campaign.moved']({ progress }),
    ...{ roster, log, now: Date.now, newCallId: () => randomUUID() as CallId },
  });
  parts.defer(() => dialler.stop());
  // A piece of work that cannot be cut up is begun when nothing of a call waits to be written.
  const between = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await journal.written({ timeoutMs: LONGEST_PAUSE_MS });
  };
  const { loadHttp } = await import('#http/load-http.ts');
  const buildHttp = await loadHttp(between);
  const http = buildHttp({
    calls: { find: (callId) => liveCalls.getSnapshot().context.calls.get(callId), hangUp: registry.hangUp },
    outbound: { place: outbound.calls.place, trunks: outbound.trunks, order: registry.order },
    liveCalls,
    replay,
    charts: machineCharts,
    agents,
    consoleDirectories: [consolePages.shipped, consolePages.built],
    inspection: createInspection({ roster, now: Date.now, log, showPhoneNumbers: config.http.inspectorShowsNumbers }),
    records: {
      list: calls.list,
      find: calls.find,
      ownerOf: calls.ownerOf,
      timeline: calls.timeline,
      transcript: transcripts.list,
      recording: recordings.find,
    },
    accounting: { figures: createFiguresRepository(database), prices: config.gemini.prices },
    health: createHealth({ journal, signalling, media, registry, gemini: config.gemini, version: VERSION }),
    metrics,
    apiToken,
    jwtSecret,
    crm: createCrm({
      database: storage.database,
      accounts: { ...config.accounts, dataDirectory, log, endCallsOf },
      defaultRegion: config.defaultRegion,
      onCampaignOrder: dialler.look,
    }),
    followUp,
    callSessions: createCallSessions({
      ...{ config, database: storage.database, reconciler, liveCalls, latencyOf, isLive },
      sessionsDirectory: shelf.sessionsDirectory,
      trunks: () => outbound.directory.list(),
      transcription: () => afterCalls.engine,
      greetingMethod: () => followUp.greetings.method,
    }),
    corsOrigins: config.http.corsOrigins,
    sessionsDirectory: shelf.sessionsDirectory,
    version: VERSION,
    log,
    between,
  });
  parts.defer(() => http.close());
  await http.listen({ host: config.http.host, port: config.http.port });

  afterCalls.start();
  dialler.start();

  const opened = parts.move();
  const address = http.server.address() as AddressInfo;
  return {
    http: { host: config.http.host, port: address.port },
    needsSetUp,
    stop: async (parting) => {
      const drainMs = config.limits.drainSeconds * 1_000;
      await dialler.stop();
      await shutDown({ registry, admission, liveCalls, signalling, media, takeOver, drainMs, log }, parting);
      await opened.disposeAsync();
    },
  };
};
