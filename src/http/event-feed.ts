/**
 * Live events as server-sent events (HTML Living Standard 9.2): formatted once, written to every open stream.
 * A reader too slow to take them is cut off rather than buffered for; it reconnects and gets what it missed.
 */
import { Readable } from 'node:stream';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallId } from '#domain/call.ts';
import { showLiveCall } from './call.views.ts';

/** `callId` null: of no call. */
type Frame = { sequence: number; callId: CallId | null; text: string };
type Subscriber = { stream: Readable; callId: CallId | null };

export type EventFeedOptions = {
  liveCalls: LiveCallsStore;
  now: () => number;
  heartbeatMs: number;
  /** Streams open at the same time; more are refused. */
  maxStreams: number;
  /** Bytes that may wait for one reader. */
  maxBufferedBytes: number;
};

/** Events kept for readers that reconnect. */
const KEPT_FRAMES = 500;

const HEARTBEAT = ': keep-alive\n\n';

const frameText = (id: string, event: string, data: unknown) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

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

  const write = ({ stream }: Subscriber, text: string) => {
    if (stream.destroyed) return;
    stream.push(text);
    if (stream.readableLength > maxBufferedBytes) stream.destroy();
  };

  const publish = (callId: CallId | null, event: string, data: unknown) => {
    sequence += 1;
    const frame = { sequence, callId, text: frameText(idOf(sequence), event, data) };
    kept.push(frame);
    if (kept.length > KEPT_FRAMES) kept.shift();
    for (const subscriber of subscribers) if ((subscriber.callId ?? callId) === callId) write(subscriber, frame.text);
  };

  const subscriptions = [
    liveCalls.on('call.state', ({ call, at }) =>
      publish(call.callId, 'call.state', { at: iso(at), call: showLiveCall(call) }),
    ),
    liveCalls.on('call.ended', ({ ended: { callId, endedAt, status, cause, leaked } }) =>
      publish(callId, 'call.ended', { at: iso(endedAt), callId, status, cause, leaked }),
    ),
    liveCalls.on('transcript.segment', ({ callId, segment, at }) =>
      publish(callId, 'transcript.segment', { at: iso(at), callId, segment }),
    ),
    liveCalls.on('campaign.progress', ({ progress, at }) =>
      publish(null, 'campaign.progress', { at: iso(at), ...progress }),
    ),
  ];

  /** Events after the one a reconnecting reader has seen last, if they are all still kept. */
  const missedSince = (lastEventId: string | undefined): readonly Frame[] => {
    const [, feed, seenText] = /^(\w+)-(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
    const seen = Number(seenText);
    const oldest = kept[0]?.sequence ?? 0;
    if (feed !== feedId || seen + 1 < oldest) return [];
    return kept.filter((frame) => frame.sequence > seen);
  };

  const snapshot = (callId: CallId | null) => {
    const calls = liveCalls.list().filter((call) => (callId ?? call.callId) === call.callId);
    return frameText(idOf(sequence), 'snapshot', { at: iso(now()), calls: calls.map(showLiveCall) });
  };

  const stopHeartbeat = () => {
    if (heartbeat) clearInterval(heartbeat);
    heartbeat = null;
  };

  const beat = () => {
    for (const subscriber of subscribers) write(subscriber, HEARTBEAT);
  };

  const remove = (subscriber: Subscriber) => {
    subscribers.delete(subscriber);
    if (subscribers.size === 0) stopHeartbeat();
  };

  return {
    /** A stream for one reader: what it missed, then a snapshot, then events. Null when no more can be served. */
    open: ({ lastEventId, callId }: { lastEventId: string | undefined; callId: CallId | null }): Readable | null => {
      if (isClosed || subscribers.size >= maxStreams) return null;
      const stream = new Readable({ read: () => {} });
      const subscriber = { stream, callId };
      stream.once('close', () => remove(subscriber));
      stream.push('retry: 3000\n\n');
      for (const frame of missedSince(lastEventId)) {
        if ((callId ?? frame.callId) === frame.callId) stream.push(frame.text);
      }
      stream.push(snapshot(callId));
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
