/** The read model of live calls: the registry writes it, SSE, health, metrics and the board select from it. */
import { createStore } from '@xstate/store';
import type { CampaignProgress } from '#domain/dial-queue.ts';
import type { CallDirection, CallId, CallStatus, HangupCause } from '#domain/call.ts';
import type { RtpStatistics } from '#domain/media.ts';
import type { RecordingState } from '#domain/records.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';

export type CallTurn = 'greeting' | 'listening' | 'callerSpeaking' | 'thinking' | 'agentSpeaking';

/** Times are epoch milliseconds. */
export type LiveCall = {
  callId: CallId;
  direction: CallDirection;
  /** Whose call it is; null = nobody's yet. */
  ownerId: number | null;
  leadId: number | null;
  /** The one it came in by, or goes out by; null: none that is known. */
  trunkId: number | null;
  /** Name of the call machine's state, such as `talking`. */
  state: string;
  turn: CallTurn | null;
  /** By the other side. */
  isOnHold: boolean;
  /** We have the other side on hold. */
  held: boolean;
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: number;
  answeredAt: number | null;
  quality: RtpStatistics | null;
  /** Null until it has begun. */
  recording: RecordingState | null;
  /** Name of the model session's state; null until it exists. */
  modelState: string | null;
  epoch: number;
};

export type LiveCallChange = Partial<Omit<LiveCall, 'callId'>>;

/** A tombstone: what is remembered of a call for a minute after its end. */
export type EndedCall = {
  callId: CallId;
  endedAt: number;
  status: CallStatus;
  cause: HangupCause | null;
  /** Resources that had to be released by force; empty when the call left nothing behind. */
  leaked: readonly string[];
  last: LiveCall;
};

export const TOMBSTONE_MS = 60_000;

type Context = { calls: ReadonlyMap<CallId, LiveCall> };

type Events = {
  'call.appeared': { call: LiveCall };
  'call.changed': { callId: CallId; change: LiveCallChange };
  'call.gone': { callId: CallId; status: CallStatus; cause: HangupCause | null; leaked: readonly string[] };
  'transcript.added': { callId: CallId; segment: TranscriptSegment };
  'campaign.moved': { progress: CampaignProgress };
};

type Emitted = {
  'call.state': { call: LiveCall; at: number };
  'call.ended': { ended: EndedCall };
  'transcript.segment': { callId: CallId; segment: TranscriptSegment; at: number };
  'campaign.progress': { progress: CampaignProgress; at: number };
};

/** A change of these is told to listeners; quality comes every second and is only kept. */
const TOLD: readonly (keyof LiveCall)[] = [
  'state',
  'turn',
  'isOnHold',
  'held',
  'callerNumber',
  'calledNumber',
  'trunkId',
  'answeredAt',
  'recording',
  'modelState',
  'epoch',
];

const differs = (before: LiveCall, after: LiveCall, keys: readonly (keyof LiveCall)[]) =>
  keys.some((key) => before[key] !== after[key]);

const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value);

const withoutEntry = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
};

/**
 * The store. Events of calls it does not know are dropped, so a late report never brings a call back.
 * Listeners (`on`) run inside `send`: they must not throw.
 */
export const createLiveCallsStore = ({ now }: { now: () => number } = { now: Date.now }) => {
  const isFresh = (ended: EndedCall) => now() - ended.endedAt < TOMBSTONE_MS;
  /** Oldest first. Changed in place: a busy minute leaves thousands, too many to copy for every call. */
  const tombstones = new Map<CallId, EndedCall>();
  const remember = (call: EndedCall) => {
    for (const [callId, oldest] of tombstones) {
      if (isFresh(oldest)) break;
      tombstones.delete(callId);
    }
    tombstones.delete(call.callId);
    tombstones.set(call.callId, call);
  };

  const store = createStore<Context, Events, Emitted>({
    context: { calls: new Map() },
    on: {
      'call.appeared': (context, { call }, { emit }) => {
        emit['call.state']({ call, at: now() });
        return { calls: withEntry(context.calls, call.callId, call) };
      },
      'call.changed': (context, { callId, change }, { emit }) => {
        const before = context.calls.get(callId);
        if (!before) return context;
        const call = { ...before, ...change, callId };
        if (!differs(before, call, Object.keys(change) as (keyof LiveCall)[])) return context;
        if (differs(before, call, TOLD)) emit['call.state']({ call, at: now() });
        return { calls: withEntry(context.calls, callId, call) };
      },
      'call.gone': (context, { callId, status, cause, leaked }, { emit }) => {
        const last = context.calls.get(callId);
        if (!last) return context;
        const ended = { callId, endedAt: now(), status, cause, leaked, last };
        emit['call.ended']({ ended });
        return { calls: withoutEntry(context.calls, callId) };
      },
      'transcript.added': (context, { callId, segment }, { emit }) => {
        emit['transcript.segment']({ callId, segment, at: now() });
        return context;
      },
      'campaign.moved': (context, { progress }, { emit }) => {
        emit['campaign.progress']({ progress, at: now() });
        return context;
      },
    },
  });

  // The first listener: all others find the tombstone.
  store.on('call.ended', ({ ended }) => remember(ended));

  return Object.assign(store, {
    find: (callId: CallId): LiveCall | undefined => store.getSnapshot().context.calls.get(callId),
    /** The tombstone of a call that ended less than a minute ago. */
    findEnded: (callId: CallId): EndedCall | undefined => {
      const ended = tombstones.get(callId);
      return ended && isFresh(ended) ? ended : undefined;
    },
    /** Tombstones in memory; those that are no longer found go when the next call ends. */
    remembered: (): number => tombstones.size,
    /** In the order in which they appeared. */
    list: (): readonly LiveCall[] => [...store.getSnapshot().context.calls.values()],
    count: (): number => store.getSnapshot().context.calls.size,
  });
};

export type LiveCallsStore = ReturnType<typeof createLiveCallsStore>;
