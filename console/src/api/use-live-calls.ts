/** The calls that are live now, kept up to date by the event stream. */
import { useEffect, useState } from 'react';
import { listen, type LiveEvent, type StreamState } from './live-events.ts';
import type { EndedNotice, LiveCall } from './types.ts';

export type LiveCalls = {
  calls: ReadonlyMap<string, LiveCall>;
  /** Calls that ended while the page was open, newest first. */
  ended: readonly EndedNotice[];
  stream: StreamState;
};

const ENDED_KEPT = 20;
/** What happens within this time is told, and drawn, together. */
const PACE_MS = 1_000;
/** A long answer arrives in pieces. */
const GATHER_MS = 30;

const NOTHING: LiveCalls = { calls: new Map(), ended: [], stream: 'connecting' };

const withEvents = (state: LiveCalls, events: readonly LiveEvent[]): LiveCalls => {
  let calls = new Map(state.calls);
  let { ended } = state;
  for (const { type, data } of events) {
    if (type === 'snapshot') {
      calls = new Map((data as { calls: LiveCall[] }).calls.map((call) => [call.callId, call]));
    } else if (type === 'call.state') {
      const { call } = data as { call: LiveCall };
      calls.set(call.callId, call);
    } else if (type === 'call.ended') {
      const notice = data as EndedNotice;
      ended = [{ ...notice, last: calls.get(notice.callId) ?? null }, ...ended].slice(0, ENDED_KEPT);
      calls.delete(notice.callId);
    }
  }
  return { ...state, calls, ended };
};

/** Of all calls the user may see. */
export const useLiveCalls = (): LiveCalls => {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    let waiting: LiveEvent[] = [];
    let timer = 0;
    const flush = () => {
      timer = 0;
      const events = waiting;
      waiting = [];
      setState((before) => withEvents(before, events));
    };
    const stop = listen(`/api/v1/events?everyMs=${PACE_MS}&transcripts=false`, {
      onEvent: (event) => {
        waiting.push(event);
        timer ||= window.setTimeout(flush, GATHER_MS);
      },
      onState: (stream) => setState((before) => ({ ...before, stream })),
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return state;
};
