/** The actors of one call as the inspector feed tells of them. */
import { useEffect, useState } from 'react';
import { token } from './client.ts';

export type WatchedActor = {
  sessionId: string;
  parentId: string | null;
  name: string;
  /** Machine id; null for an actor that is no machine. */
  machine: string | null;
  status: string;
  state: string | null;
  context: Record<string, unknown>;
};

export type WatchedEvent = {
  /** Counts up. */
  number: number;
  at: number;
  sessionId: string;
  sourceId: string | null;
  event: { type: string };
};

export type Watched = {
  actors: ReadonlyMap<string, WatchedActor>;
  /** Newest last. */
  events: readonly WatchedEvent[];
  /** Id of the top state that was entered last. */
  entered: string | null;
  connection: 'connecting' | 'open' | 'lost' | 'refused';
};

type Message = {
  type: string;
  sessionId: string;
  parentId?: string;
  sourceId?: string;
  name?: string;
  definition?: string;
  createdAt: string;
  event?: { type: string };
  snapshot?: { status?: string; value?: unknown; context?: Record<string, unknown> };
};

const EVENTS_KEPT = 200;
const RECONNECT_MS = 1_500;
/** What happens within this time is drawn together. */
const PACE_MS = 250;
const NOTHING: Watched = { actors: new Map(), events: [], entered: null, connection: 'connecting' };

const stateText = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

const machineOf = ({ definition }: Message): string | null => {
  if (definition === undefined) return null;
  const { id, states } = JSON.parse(definition) as { id?: string; states?: unknown };
  return states === undefined ? null : (id ?? null);
};

const actorOf = (message: Message): WatchedActor => ({
  sessionId: message.sessionId,
  parentId: message.parentId ?? null,
  name: message.name ?? message.sessionId,
  machine: machineOf(message),
  status: message.snapshot?.status ?? 'active',
  state: stateText(message.snapshot?.value),
  context: message.snapshot?.context ?? {},
});

const topOf = (state: string | null): string =>
  state?.startsWith('{') ? (Object.keys(JSON.parse(state) as object)[0] ?? '') : (state ?? '');

const changed = (before: WatchedActor, { snapshot }: Message): WatchedActor => ({
  ...before,
  status: snapshot?.status ?? before.status,
  state: stateText(snapshot?.value) ?? before.state,
  context: snapshot?.context ?? before.context,
});

const eventOf = ({ createdAt, sessionId, sourceId, event }: Message, number: number): WatchedEvent => ({
  ...{ number, at: Number(createdAt), sessionId, sourceId: sourceId ?? null, event: event ?? { type: '' } },
});

const withMessages = (state: Watched, messages: readonly Message[]): Watched => {
  const actors = new Map(state.actors);
  const events = [...state.events];
  let { entered } = state;
  for (const message of messages) {
    const before = actors.get(message.sessionId);
    if (message.type === '@xstate.actor') actors.set(message.sessionId, actorOf(message));
    if (message.type === '@xstate.event') events.push(eventOf(message, (events.at(-1)?.number ?? 0) + 1));
    if (message.type === '@xstate.snapshot' && before) {
      const after = changed(before, message);
      if (before.state !== after.state) entered = `${after.machine ?? ''}.${topOf(after.state)}`;
      actors.set(message.sessionId, after);
    }
  }
  return { ...state, actors, entered, events: events.slice(-EVENTS_KEPT) };
};

/** Watches the call while the component lives; `isWanted` false: not at all. */
export const useInspection = (callId: string, isWanted: boolean): Watched => {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    if (!isWanted) return undefined;
    let socket: WebSocket | null = null;
    let timer = 0;
    let flushTimer = 0;
    let isOver = false;
    let waiting: Message[] = [];
    const flush = () => {
      flushTimer = 0;
      const messages = waiting;
      waiting = [];
      setState((before) => withMessages(before, messages));
    };
    const connect = () => {
      const { protocol, host } = window.location;
      const query = new URLSearchParams({ call: callId, access_token: token.get() ?? '' });
      socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/inspect?${query.toString()}`);
      socket.addEventListener('open', () => setState({ ...NOTHING, connection: 'open' }));
      socket.addEventListener('message', ({ data }) => {
        waiting.push(JSON.parse(String(data)) as Message);
        flushTimer ||= window.setTimeout(flush, PACE_MS);
      });
      socket.addEventListener('close', () => {
        if (isOver) return;
        setState((before) => ({ ...before, connection: 'lost' }));
        timer = window.setTimeout(connect, RECONNECT_MS);
      });
    };
    connect();
    return () => {
      isOver = true;
      clearTimeout(timer);
      clearTimeout(flushTimer);
      socket?.close();
    };
  }, [callId, isWanted]);
  return state;
};
