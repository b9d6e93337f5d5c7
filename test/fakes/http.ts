/** The HTTP server over fakes: rows in memory, a real store of live calls, a log that is kept. */
import pino from 'pino';
import { createLiveCallsStore, type LiveCall, type LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallId } from '#domain/call.ts';
import type { CallQuery, CallRecord, RecordingRecord, TransitionRecord } from '#domain/records.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import { buildHttp, type HttpDeps } from '#http/app.ts';
import type { CrmPorts } from '#http/crm/ports.ts';
import type { CallRecords, HealthReport } from '#http/ports.ts';
import { createFakeFollowUp } from './follow-up.fake.ts';
import { createFakeOutbound } from './outbound.fake.ts';

import { createFakeCallSessions } from './call-sessions.fake.ts';

export const TOKEN = 'a-token-for-the-tests';
export const JWT_SECRET = 'a secret of the tests that is long enough';
export const AUTHORISED = { authorization: `Bearer ${TOKEN}` };

/** Call ids that differ in their last digits. */
export const callId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as CallId;

export const NOON = Date.UTC(2026, 10, 20, 12);

export const liveCall = (n: number, change: Partial<LiveCall> = {}): LiveCall => ({
  callId: callId(n),
  direction: 'inbound',
  ownerId: null,
  leadId: null,
  trunkId: null,
  state: 'talking',
  turn: 'listening',
  isOnHold: false,
  held: false,
  callerNumber: '+359888123456',
  calledNumber: '+35924000000',
  startedAt: NOON,
  answeredAt: NOON + 2_000,
  quality: null,
  recording: 'writing',
  modelState: 'ready',
  epoch: 1,
  ...change,
});

export const callRecord = (n: number, change: Partial<CallRecord> = {}): CallRecord => ({
  callId: callId(n),
  direction: 'inbound',
  status: 'answered',
  callerNumber: '+359888123456',
  calledNumber: '+35924000000',
  sipCallId: `sip-${n}@127.0.0.1`,
  startedAt: new Date(NOON + n * 1000),
  answeredAt: new Date(NOON + n * 1000 + 2_000),
  endedAt: new Date(NOON + n * 1000 + 62_400),
  cause: 'callerHungUp',
  causeDetail: null,
  answeredBy: null,
  outcome: null,
  recordingPath: null,
  ...change,
});

export const transition = (n: number, seq: number): TransitionRecord => ({
  callId: callId(n),
  seq,
  at: new Date(NOON + seq),
  epoch: 1,
  machine: 'call',
  machineVersion: 1,
  actorPath: 'call',
  incarnation: 1,
  eventType: 'caller.hungUp',
  event: { type: 'caller.hungUp', reason: null },
  fromState: 'talking',
  toState: 'closing',
  ignored: false,
});

type Rows = {
  calls: CallRecord[];
  transitions: TransitionRecord[];
  segments: Map<CallId, TranscriptSegment[]>;
  recordings: Map<CallId, RecordingRecord>;
  /** Rejects every query from now on. */
  failure: Error | null;
  /** Names of the methods that were called. */
  asked: string[];
};

const isWithin = ({ startedFrom, startedBefore, after }: CallQuery, record: CallRecord) =>
  (startedFrom === null || record.startedAt >= startedFrom) &&
  (startedBefore === null || record.startedAt < startedBefore) &&
  (after === null || isAfter(record, after));

const matches = (query: CallQuery) => (record: CallRecord) =>
  [null, record.status].includes(query.status) &&
  [null, record.direction].includes(query.direction) &&
  (query.number === null || [record.callerNumber, record.calledNumber].includes(query.number)) &&
  isWithin(query, record);

const isAfter = (record: CallRecord, place: { startedAt: Date; callId: CallId }) => compare(place, record) < 0;

/** Newest first. */
const compare = (a: { startedAt: Date; callId: CallId }, b: { startedAt: Date; callId: CallId }) =>
  b.startedAt.getTime() - a.startedAt.getTime() || b.callId.localeCompare(a.callId);

export const createFakeRecords = (rows: Rows): CallRecords => {
  const answer = async <T>(method: string, value: () => T): Promise<T> => {
    rows.asked.push(method);
    if (rows.failure) throw rows.failure;
    return value();
  };
  return {
    list: (query) => answer('list', () => rows.calls.filter(matches(query)).sort(compare).slice(0, query.limit)),
    find: (id) => answer('find', () => rows.calls.find((call) => call.callId === id) ?? null),
    ownerOf: (id) =>
      answer('ownerOf', () => (rows.calls.some((call) => call.callId === id) ? { ownerId: null } : null)),
    timeline: (id, { afterSeq, limit }) =>
      answer('timeline', () =>
        rows.transitions.filter((row) => row.callId === id && row.seq > (afterSeq ?? -1)).slice(0, limit),
      ),
    transcript: (id) => answer('transcript', () => rows.segments.get(id) ?? []),
    recording: (id) => answer('recording', () => rows.recordings.get(id) ?? null),
  };
};

const nothing = async () => null;

export const NO_AGENTS: HttpDeps['agents'] = {
  profiles: {
    list: async () => [],
    find: nothing,
    create: nothing,
    update: nothing,
    remove: async () => false,
    versions: async () => [],
  },
  prompts: {
    preview: () => {
      throw new Error('not asked for');
    },
  },
  promptOf: nothing,
  ownerOfCall: nothing,
  ownerOfLead: nothing,
  defaultRegion: null,
};

export const HEALTHY: HealthReport = {
  status: 'ok',
  ready: true,
  version: '0.0.0',
  uptimeSeconds: 12.7,
  liveCalls: 0,
  parts: { journal: { status: 'ok', detail: null } },
};

/** `clock.now` moves time; `log` collects lines; `hungUp` the ids of calls that were told to end. */
export const createHttpFixture = (change: Partial<HttpDeps> = {}) => {
  const clock = { now: NOON };
  const liveCalls: LiveCallsStore = change.liveCalls ?? createLiveCallsStore({ now: () => clock.now });
  const rows: Rows = {
    calls: [],
    transitions: [],
    segments: new Map(),
    recordings: new Map(),
    failure: null,
    asked: [],
  };
  const hungUp: CallId[] = [];
  const log: string[] = [];
  const app = buildHttp({
    calls: {
      find: liveCalls.find,
      hangUp: (id) => {
        if (!liveCalls.find(id)) return false;
        hungUp.push(id);
        return true;
      },
    },
    liveCalls,
    outbound: createFakeOutbound(),
    records: createFakeRecords(rows),
    // The actor itself says how far it was taken.
    replay: async (taken) =>
      taken.slice(-1).map(({ actorPath, incarnation, machine, machineVersion, toState, seq }) => ({
        actorPath,
        incarnation,
        machine,
        machineVersion,
        state: toState,
        context: { seq },
        diverged: [],
      })),
    accounting: {
      figures: { list: async () => [], tokensOf: async () => ({ inputTokens: 0, outputTokens: 0 }) },
      prices: { input: 3, output: 12, asOf: '2026-03' },
    },
    charts: () => [],
    agents: NO_AGENTS,
    consoleDirectories: ['/nonexistent/console'],
    inspection: { watch: () => ({ [Symbol.dispose]: () => {} }), viewers: 0 },
    health: () => HEALTHY,
    metrics: {
      httpAnswered: () => {},
      expose: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
    },
    apiToken: TOKEN,
    jwtSecret: JWT_SECRET,
    // Tests of routes that need more of it bring a real one.
    crm: { identities: { find: async () => null } } as unknown as CrmPorts,
    callSessions: createFakeCallSessions(),
    followUp: createFakeFollowUp(),
    corsOrigins: ['http://localhost:3000'],
    sessionsDirectory: '/nonexistent',
    version: '0.0.0',
    log: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    now: () => clock.now,
    ...change,
  });
  const get = (url: string, headers: Record<string, string> = AUTHORISED) =>
    app.inject({ method: 'GET', url, headers });
  return { app, get, clock, liveCalls, rows, hungUp, log };
};
