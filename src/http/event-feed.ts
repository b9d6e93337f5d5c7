/**
 * Live events as server-sent events (HTML Living Standard 9.2): formatted once, written to every open stream.
 * A reader too slow to take them is cut off rather than buffered for; it reconnects and gets what it missed.
 */
import { Readable } from 'node:stream';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallId } from '#domain/call.ts';
import { canSee, type OwnerScope } from '#domain/user.ts';
import { showLiveCall } from './call.views.ts';
import { createEventOutlet, type EventOutlet, type Frame } from './event-outlet.ts';

export type EventWishes = {
  lastEventId: string | undefined;
  /** Of this call only. */
  callId: CallId | null;
  /** Of calls of these owners only. */
  scope: OwnerScope;
  /** What changes more often than this is told in its last shape. Null: each change is told at once. */
  everyMs: number | null;
  hasTranscripts: boolean;
};

type Subscriber = Pick<EventWishes, 'callId' | 'scope' | 'hasTranscripts'> & {
  stream: Readable;
  outlet: EventOutlet;
  openedAt: number;
};
type News = Omit<Frame, 'sequence' | 'text'> & { data: unknown };

export type EventFeedOptions = {
  liveCalls: LiveCallsStore;
  now: () => number;
  heartbeatMs: number;
  /** Streams open at the same time; more are refused. */
  maxStreams: number;
  /** Bytes that may wait for one reader when there is more to tell. */
  maxBufferedBytes: number;
};

/** After this a tenant's stream ends: the next one is opened only to whoever still has an account. */
const TENANT_STREAM_MS = 10 * 60_000;
/** Events kept for readers that reconnect. */
const KEPT_FRAMES = 500;

const HEARTBEAT = ': keep-alive\n\n';

const frameText = (id: string, event: string, data: unknown) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const isFor = ({ callId, scope, hasTranscripts }: Subscriber, frame: Frame): boolean =>
  (callId ?? frame.callId) === frame.callId &&
  canSee(scope, frame.ownerId) &&
  (hasTranscripts || frame.event !== 'transcript.segment');

export type EventFeed = ReturnType<typeof createEventFeed>;

export const createEventFeed = ({ liveCalls, now, heartbeatMs, maxStreams, maxBufferedBytes }: EventFeedOptions) => {
  // Sequence numbers begin anew with each process, so an id names the process as well.
  const feedId = now().toString(36);
  const subscribers = new Set<Subscriber>();
  const kept: Frame[] = [];
  let sequence = 0;
  let heartbeat: NodeJS.Timeout | null = null;
  let isClosed = false;

  const idOf = (position: number) => `${feedId}-${position}`;
  const iso = (at: number) => new Date(at).toISOString();

  const publish = ({ data, ...news }: News) => {
    sequence += 1;
    const frame = { ...news, sequence, text: frameText(idOf(sequence), news.event, data) };
    kept.push(frame);
    if (kept.length > KEPT_FRAMES) kept.shift();
    for (const subscriber of subscribers) if (isFor(subscriber, frame)) subscriber.outlet.put(frame);
  };

  const subscriptions = [
    liveCalls.on('call.state', ({ call, at }) => {
      const { callId, ownerId } = call;
      const data = { at: iso(at), call: showLiveCall(call) };
      publish({ event: 'call.state', callId, ownerId, subject: callId, data });
    }),
    liveCalls.on('call.ended', ({ ended: { callId, endedAt, status, cause, leaked, last } }) => {
      const data = { at: iso(endedAt), callId, status, cause, leaked };
      publish({ event: 'call.ended', callId, ownerId: last.ownerId, subject: null, data });
    }),
    liveCalls.on('transcript.segment', ({ callId, segment, at }) => {
      const ownerId = liveCalls.find(callId)?.ownerId ?? null;
      const data = { at: iso(at), callId, segment };
      publish({ event: 'transcript.segment', callId, ownerId, subject: `${callId}#${segment.index}`, data });
    }),
    liveCalls.on('campaign.progress', ({ progress, at }) => {
      const data = { at: iso(at), ...progress };
      publish({ event: 'campaign.progress', callId: null, ownerId: null, subject: null, data });
    }),
  ];

  /** Events after the one a reconnecting reader has seen last, if they are all still kept. */
  const missedSince = (lastEventId: string | undefined): readonly Frame[] => {
    const [, feed, seenText] = /^(\w+)-(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
    const seen = Number(seenText);
    const oldest = kept[0]?.sequence ?? 0;
    if (feed !== feedId || seen + 1 < oldest) return [];
    return kept.filter((frame) => frame.sequence > seen);
  };

  const snapshot = ({ callId, scope }: EventWishes) => {
    const calls = liveCalls
      .list()
      .filter((call) => (callId ?? call.callId) === call.callId && canSee(scope, call.ownerId));
    return frameText(idOf(sequence), 'snapshot', { at: iso(now()), calls: calls.map(showLiveCall) });
  };

  const stopHeartbeat = () => {
    if (heartbeat) clearInterval(heartbeat);
    heartbeat = null;
  };

  const beat = () => {
    for (const { stream, outlet, scope, openedAt } of subscribers) {
      outlet.putText(HEARTBEAT);
      if (scope.kind === 'owners' && now() - openedAt > TENANT_STREAM_MS) stream.push(null);
    }
  };

  const remove = (subscriber: Subscriber) => {
    subscribers.delete(subscriber);
    subscriber.outlet[Symbol.dispose]();
    if (subscribers.size === 0) stopHeartbeat();
  };

  return {
    /** A stream for one reader: what it missed, then a snapshot, then events. Null when no more can be served. */
    open: (wishes: EventWishes): Readable | null => {
      if (isClosed || subscribers.size >= maxStreams) return null;
      const stream = new Readable({ read: () => {} });
      const { callId, scope, everyMs, hasTranscripts } = wishes;
      const outlet = createEventOutlet(stream, { everyMs, maxBufferedBytes });
      const subscriber = { stream, outlet, callId, scope, hasTranscripts, openedAt: now() };
      stream.once('close', () => remove(subscriber));
      stream.push('retry: 3000\n\n');
      for (const frame of missedSince(wishes.lastEventId)) if (isFor(subscriber, frame)) stream.push(frame.text);
      stream.push(snapshot(wishes));
      subscribers.add(subscriber);
      heartbeat ??= setInterval(beat, heartbeatMs).unref();
      return stream;
    },
    streamCount: () => subscribers.size,
    /** Ends every stream and stops listening. */
    close: () => {
      isClosed = true;
      stopHeartbeat();
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const { stream } of subscribers) stream.push(null);
    },
  };
};
