/** The calls that are live now, kept up to date by the event stream. */
import { useEffect, useState } from 'react';
import { listen, type LiveEvent, type StreamState } from './live-events.ts';
import type { EndedNotice, LiveCall, TranscriptSegment } from './types.ts';

export type LiveCalls = {
  calls: ReadonlyMap<string, LiveCall>;
  /** Calls that ended while the page was open, newest first. */
  ended: readonly EndedNotice[];
  /** What was said lately, by call. */
  spoken: ReadonlyMap<string, readonly TranscriptSegment[]>;
  stream: StreamState;
};

const ENDED_KEPT = 20;
const SEGMENTS_KEPT = 200;

const NOTHING: LiveCalls = { calls: new Map(), ended: [], spoken: new Map(), stream: 'connecting' };

const withCall = (state: LiveCalls, call: LiveCall): LiveCalls => ({
  ...state,
  calls: new Map(state.calls).set(call.callId, call),
});

const withoutCall = (state: LiveCalls, notice: EndedNotice): LiveCalls => {
  const calls = new Map(state.calls);
  const last = calls.get(notice.callId) ?? null;
  calls.delete(notice.callId);
  return { ...state, calls, ended: [{ ...notice, last }, ...state.ended].slice(0, ENDED_KEPT) };
};

const withSegment = (state: LiveCalls, callId: string, segment: TranscriptSegment): LiveCalls => {
  const before = (state.spoken.get(callId) ?? []).filter(({ index }) => index !== segment.index);
  const segments = [...before, segment].sort((a, b) => a.index - b.index).slice(-SEGMENTS_KEPT);
  return { ...state, spoken: new Map(state.spoken).set(callId, segments) };
};

const taken = (state: LiveCalls, { type, data }: LiveEvent): LiveCalls => {
  switch (type) {
    case 'snapshot':
      return {
        ...state,
        calls: new Map((data as { calls: LiveCall[] }).calls.map((call) => [call.callId, call])),
      };
    case 'call.state':
      return withCall(state, (data as { call: LiveCall }).call);
    case 'call.ended':
      return withoutCall(state, data as EndedNotice);
    case 'transcript.segment': {
      const { callId, segment } = data as { callId: string; segment: TranscriptSegment };
      return withSegment(state, callId, segment);
    }
    default:
      return state;
  }
};

/** Of all calls the user may see, or of one; `isWanted` false: no stream is opened. */
export const useLiveCalls = (callId: string | null = null, isWanted = true): LiveCalls => {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    if (!isWanted) return undefined;
    // Events come in bursts; the page is drawn once a frame at most.
    let waiting: LiveEvent[] = [];
    let frame = 0;
    const flush = () => {
      frame = 0;
      const events = waiting;
      waiting = [];
      setState((before) => events.reduce(taken, before));
    };
    const stop = listen(`/api/v1/events${callId === null ? '' : `?callId=${callId}`}`, {
      onEvent: (event) => {
        waiting.push(event);
        frame ||= window.setTimeout(flush, 50);
      },
      onState: (stream) => setState((before) => ({ ...before, stream })),
    });
    return () => {
      stop();
      clearTimeout(frame);
    };
  }, [callId, isWanted]);
  return state;
};
