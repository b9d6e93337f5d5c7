/** A call as its machines: live as it goes, or any moment of it from the journal. */
import { useQuery } from '@tanstack/react-query';
import { memo, useCallback, useMemo, type ReactElement } from 'react';
import { Link, useSearchParams } from 'wouter';
import { request } from '../api/client.ts';
import type { CallDetail, Replay, ReplayedActor, TimelinePage, Transition } from '../api/types.ts';
import { useInspection, type Watched, type WatchedActor, type WatchedEvent } from '../api/use-inspection.ts';
import type { ListedEvent } from '../chart/event-list.tsx';
import { ChartPanels, Scrubber, type ShownActor } from '../chart/panels.tsx';
import { Notice } from '../ui/notice.tsx';
import { useUser } from '../ui/user-context.ts';

const LAST_PAGE_GUARD = 50;

const allTransitions = async (callId: string, signal: AbortSignal): Promise<Transition[]> => {
  const found: Transition[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < LAST_PAGE_GUARD; page += 1) {
    const query = new URLSearchParams({ limit: '1000', ...(cursor === null ? {} : { cursor }) });
    const taken: TimelinePage = await request(`/api/v1/calls/${callId}/timeline?${query.toString()}`, { signal });
    found.push(...taken.transitions);
    cursor = taken.nextCursor;
    if (cursor === null) break;
  }
  return found;
};

const pathOf = (actor: WatchedActor, actors: Watched['actors']): string => {
  const parent = actor.parentId === null ? undefined : actors.get(actor.parentId);
  return parent ? `${pathOf(parent, actors)}/${actor.name}` : 'call';
};

/** The machine is told by the actor's place where the feed leaves it out. */
const MACHINE_BY_PATH: Readonly<Record<string, string>> = {
  call: 'call',
  'call/model': 'modelSession',
  'call/recording': 'recording',
  'call/transcription': 'transcription',
};

const liveActors = ({ actors }: Watched): ShownActor[] =>
  [...actors.values()].map((actor) => {
    const path = pathOf(actor, actors);
    return {
      path,
      machine: actor.machine ?? MACHINE_BY_PATH[path] ?? null,
      state: actor.state,
      context: actor.context,
    };
  });

const replayedActors = (actors: readonly ReplayedActor[]): ShownActor[] =>
  actors.map(({ actorPath, machine, state, context }) => ({ path: actorPath, machine, state, context }));

type PartProps = { callId: string; chosen: string; change: (name: string, value: string | null) => void };

const listedEvents = ({ events, actors }: Watched): ListedEvent[] =>
  events.map((watched) => {
    const known = listed.get(watched);
    if (known) return known;
    const actor = actors.get(watched.sessionId);
    const path = actor ? pathOf(actor, actors) : watched.sessionId;
    const { at, event } = watched;
    const item = { key: String(watched.number), at, path, type: event.type, payload: event };
    listed.set(watched, item);
    return item;
  });

/** What is listed already is not drawn anew. */
const listed = new WeakMap<WatchedEvent, ListedEvent>();

const LiveChart = memo(({ callId, chosen, change }: PartProps): ReactElement => {
  const watched = useInspection(callId, true);
  const actors = useMemo(() => liveActors(watched), [watched]);
  const lastChange = watched.entered;
  return (
    <>
      <div className="heading">
        <p className={`stream ${watched.connection}`} role="status">
          Live: {watched.connection}
        </p>
        <button type="button" className="quiet" onClick={() => change('seq', '1')}>
          Walk through it
        </button>
      </div>
      <ChartPanels
        actors={actors}
        chosen={chosen}
        onChoose={(path) => change('actor', path)}
        enteredOf={(machine) => (lastChange?.startsWith(`${machine}.`) ? lastChange : null)}
        events={listedEvents(watched)}
      />
    </>
  );
});

/** The top state whose entry was the last change. */
const enteredBy = (row: Transition | undefined, machine: string): string | null => {
  if (!row || row.machine !== machine || row.fromState === row.toState) return null;
  const top = row.toState.startsWith('{') ? Object.keys(JSON.parse(row.toState) as object)[0] : row.toState;
  return `${machine}.${top ?? ''}`;
};

const Divergence = ({ actors }: { actors: readonly ReplayedActor[] }): ReactElement | null => {
  const [first, ...more] = actors.flatMap(({ diverged }) => diverged);
  if (!first) return null;
  return (
    <Notice kind="empty">
      The present machines would have gone another way {more.length + 1} times, first at step {first.seq} (
      {first.eventType}): recorded {first.recorded}, computed {first.computed}.
    </Notice>
  );
};

const WalkChart = ({ callId, chosen, change, seq }: PartProps & { seq: number | null }): ReactElement => {
  const timeline = useQuery({
    queryKey: ['timeline', callId],
    queryFn: ({ signal }) => allTransitions(callId, signal),
  });
  const last = timeline.data?.at(-1)?.seq ?? 0;
  const at = Math.min(seq ?? last, last);
  const replay = useQuery({
    queryKey: ['replay', callId, at],
    queryFn: ({ signal }) => request<Replay>(`/api/v1/calls/${callId}/replay?seq=${at}`, { signal }),
    enabled: at > 0,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const open = useCallback((key: string) => change('seq', key), [change]);
  const row = timeline.data?.find((known) => known.seq === at);
  const events = useMemo(
    () =>
      (timeline.data ?? []).map((known) => ({
        key: String(known.seq),
        at: Date.parse(known.at),
        path: known.actorPath,
        type: known.eventType,
        payload: known.event,
      })),
    [timeline.data],
  );
  const problem = timeline.error ?? replay.error;
  if (problem) return <Notice kind="error">{problem.message}</Notice>;
  if (timeline.isPending) return <Notice kind="busy">Loading the journal…</Notice>;
  if (last === 0) return <Notice kind="empty">Nothing was journalled of this call.</Notice>;
  return (
    <>
      <Scrubber at={at} last={last} eventType={row?.eventType ?? null} onSeq={(to) => change('seq', String(to))} />
      <Divergence actors={replay.data?.actors ?? []} />
      <ChartPanels
        actors={replayedActors(replay.data?.actors ?? [])}
        chosen={chosen}
        onChoose={(path) => change('actor', path)}
        enteredOf={(machine) => enteredBy(row, machine)}
        events={events}
        here={String(at)}
        onOpen={open}
      />
    </>
  );
};

const ChartPage = ({ callId }: { callId: string }): ReactElement => {
  const user = useUser();
  const [parameters, setParameters] = useSearchParams();
  const seqText = parameters.get('seq') ?? '';
  const seq = /^\d{1,9}$/.test(seqText) ? Number(seqText) : null;
  const call = useQuery({
    queryKey: ['call', callId],
    queryFn: ({ signal }) => request<CallDetail>(`/api/v1/calls/${callId}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.live ? 2_000 : false),
  });
  const change = useCallback(
    (name: string, value: string | null) =>
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === null) after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: true },
      ),
    [setParameters],
  );
  if (call.error) {
    return (
      <Notice kind="error" action={{ name: 'Try again', run: () => void call.refetch() }}>
        {call.error.message}
      </Notice>
    );
  }
  if (call.isPending) return <Notice kind="busy">Loading…</Notice>;
  const isUp = call.data.live !== null;
  const isLive = isUp && seq === null && user.role === 'superadmin';
  const part = { callId, chosen: parameters.get('actor') ?? 'call', change };
  return (
    <>
      <div className="heading">
        <h1>Statechart</h1>
        <Link href={`/calls/${callId}`}>{callId}</Link>
        {isUp && !isLive && (
          <button type="button" className="quiet" onClick={() => change('seq', null)}>
            Back to live
          </button>
        )}
      </div>
      {isLive ? <LiveChart {...part} /> : <WalkChart {...part} seq={seq} />}
    </>
  );
};

export default ChartPage;
