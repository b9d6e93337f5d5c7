/** What stands around a drawing: the tree of actors, the events, the moment. */
import { useEffect, useRef, type ReactElement } from 'react';
import { Notice } from '../ui/notice.tsx';
import { stateWords } from './active-states.ts';
import { ChartView } from './chart-view.tsx';

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

/** A region that scrolls is reached by keyboard. */
const Payload = ({ label, value }: { label: string; value: unknown }): ReactElement => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  <pre tabIndex={0} role="region" aria-label={label}>
    {JSON.stringify(value, null, 1)}
  </pre>
);

export type ListedEvent = { key: string; at: number; path: string; type: string; payload: unknown; isHere: boolean };

const EventList = ({ events, onOpen }: { events: readonly ListedEvent[]; onOpen?: (key: string) => void }) => {
  const list = useRef<HTMLOListElement>(null);
  const here = events.findIndex(({ isHere }) => isHere);
  useEffect(() => {
    list.current?.children.item(here < 0 ? events.length - 1 : here)?.scrollIntoView({ block: 'nearest' });
  }, [here, events.length]);
  return (
    <ol className="events" ref={list} aria-label="Events">
      {events.map(({ key, at, path, type, payload, isHere }) => (
        <li key={key} className={isHere ? 'here' : undefined} aria-current={isHere ? 'step' : undefined}>
          <details>
            <summary>
              <time>{new Date(at).toISOString().slice(11, 23)}</time> <b>{type}</b> <small>{path}</small>
            </summary>
            <Payload label={`Payload of ${type}`} value={payload} />
          </details>
          {onOpen && (
            <button type="button" className="quiet" aria-label={`Go to ${type}, ${key}`} onClick={() => onOpen(key)}>
              go
            </button>
          )}
        </li>
      ))}
    </ol>
  );
};

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
  onOpen?: (key: string) => void;
};

export const ChartPanels = ({ actors, chosen, onChoose, enteredOf, events, onOpen }: PanelsProps): ReactElement => {
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
        <EventList events={events} {...(onOpen ? { onOpen } : {})} />
      </aside>
    </div>
  );
};
