/** Measures how long the callers of live calls wait, from what the media workers tell. */
import type { CallId } from '#domain/call.ts';
import { NO_SAMPLES, observeFact, summarise, type CallLatency, type LatencySamples } from '#domain/call-latency.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { LiveCallsStore } from './live-calls.store.ts';

/** Null when the call is not live. */
export type LatencyOf = (callId: CallId) => CallLatency | null;

type Watched = { samples: LatencySamples; subscription: Disposable };

export const createLatencyWatch = (link: Pick<MediaLink, 'subscribe'>, liveCalls: LiveCallsStore): LatencyOf => {
  const watched = new Map<CallId, Watched>();

  const watch = (callId: CallId) => {
    const subscription = link.subscribe(callId, ({ fact }) => {
      const call = watched.get(callId);
      if (call) call.samples = observeFact(call.samples, fact);
    });
    watched.set(callId, { samples: NO_SAMPLES, subscription });
  };

  liveCalls.on('call.state', ({ call }) => {
    if (!watched.has(call.callId)) watch(call.callId);
  });
  liveCalls.on('call.ended', ({ ended }) => {
    watched.get(ended.callId)?.subscription[Symbol.dispose]();
    watched.delete(ended.callId);
  });

  return (callId) => {
    const { samples } = watched.get(callId) ?? {};
    if (!samples) return null;
    const roundTripMs = liveCalls.find(callId)?.quality?.roundTripMs ?? null;
    return {
      answer: summarise(samples.answers),
      networkMs: roundTripMs === null ? null : roundTripMs / 2,
    };
  };
};
