/** What stands around a drawing: the tree of actors, the events, the moment. */
import type { ReactElement } from 'react';
import { Notice } from '../ui/notice.tsx';
import { stateWords } from './active-states.ts';
import { ChartView } from './chart-view.tsx';
import { EventList, Payload, type ListedEvent } from './event-list.tsx';

export type ShownActor = {
  path: string;
  machine: string | null;
  state: string | null;
  context: Record<string, unknown> | null;
};

const ActorTree = (props: { actors: readonly ShownActor[]; chosen: string; onChoose: (path: string) => void }) => (
  <ul className="actors" aria-label="Actors">
    {props.actors
      .toSorted((a, b) => a.path.localeCompare(b.path))
      .map(({ path, machine, state }) => (
        <li key={path} style={{ paddingInlineStart: `${(path.split('/').length - 1) * 0.9}rem` }}>
          <button
            type="button"
            className="quiet"
            aria-pressed={path === props.chosen}
            disabled={machine === null}
            onClick={() => props.onChoose(path)}
          >
            {path.split('/').at(-1)} <small>{machine === null ? 'actor' : stateWords(state)}</small>
          </button>
        </li>
      ))}
  </ul>
);

export const Scrubber = (props: {
  at: number;
  last: number;
  onSeq: (seq: number) => void;
  eventType: string | null;
}) => {
  const { at, last, onSeq, eventType } = props;
  return (
    <div className="scrubber">
      <button type="button" onClick={() => onSeq(at - 1)} disabled={at <= 1} aria-label="One step back">
        ◀
      </button>
      <input
        type="range"
        min={1}
        max={Math.max(1, last)}
        value={at}
        aria-label="Moment of the call"
        aria-valuetext={`${at} of ${last}${eventType === null ? '' : `: ${eventType}`}`}
        onChange={(event) => onSeq(Number(event.target.value))}
      />
      <button type="button" onClick={() => onSeq(at + 1)} disabled={at >= last} aria-label="One step forward">
        ▶
      </button>
      <output data-testid="moment">
        {at} / {last} {eventType ?? ''}
      </output>
    </div>
  );
};

type PanelsProps = {
  actors: readonly ShownActor[];
  chosen: string;
  onChoose: (path: string) => void;
  /** The state that was entered last, of the machine shown. */
  enteredOf: (machine: string) => string | null;
  events: readonly ListedEvent[];
  /** Key of the event that is looked at; null: the last one. */
  here?: string | null;
  onOpen?: (key: string) => void;
};

export const ChartPanels = ({
  actors,
  chosen,
  onChoose,
  enteredOf,
  events,
  here = null,
  onOpen,
}: PanelsProps): ReactElement => {
  const actor = actors.find(({ path }) => path === chosen) ?? actors.find(({ path }) => path === 'call');
  return (
    <div className="chart-page">
      <ActorTree actors={actors} chosen={actor?.path ?? 'call'} onChoose={onChoose} />
      {actor?.machine ? (
        <ChartView machine={actor.machine} state={actor.state} entered={enteredOf(actor.machine)} />
      ) : (
        <Notice kind="busy">{actors.length === 0 ? 'Waiting for the actors…' : 'This actor is not there now.'}</Notice>
      )}
      <aside>
        <h2>Context</h2>
        <Payload label="Context of the actor" value={actor?.context ?? null} />
        <h2>Events</h2>
        <EventList events={events} here={here} {...(onOpen ? { onOpen } : {})} />
      </aside>
    </div>
  );
};
