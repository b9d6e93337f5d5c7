/** The events of a call, with what each carried for whoever opens it. */
import { memo, useEffect, useRef, useState, type ReactElement } from 'react';

export type ListedEvent = { key: string; at: number; path: string; type: string; payload: unknown };

/** A region that scrolls is reached by keyboard. */
export const Payload = ({ label, value }: { label: string; value: unknown }): ReactElement => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  <pre tabIndex={0} role="region" aria-label={label}>
    {JSON.stringify(value, null, 1)}
  </pre>
);

type ItemProps = { event: ListedEvent; isHere: boolean; onOpen: ((key: string) => void) | null };

const Item = memo(({ event, isHere, onOpen }: ItemProps): ReactElement => {
  const { key, at, path, type, payload } = event;
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={isHere ? 'here' : undefined} aria-current={isHere ? 'step' : undefined}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <time>{new Date(at).toISOString().slice(11, 23)}</time> <b>{type}</b> <small>{path}</small>
        </summary>
        {isOpen && <Payload label={`Payload of ${type}`} value={payload} />}
      </details>
      {onOpen && (
        <button type="button" className="quiet" aria-label={`Go to ${type}, ${key}`} onClick={() => onOpen(key)}>
          go
        </button>
      )}
    </li>
  );
});

type ListProps = { events: readonly ListedEvent[]; here: string | null; onOpen?: (key: string) => void };

export const EventList = ({ events, here, onOpen }: ListProps): ReactElement => {
  const list = useRef<HTMLOListElement>(null);
  const at = here === null ? events.length - 1 : events.findIndex(({ key }) => key === here);
  const shown = events[at]?.key;
  useEffect(() => {
    if (shown !== undefined) list.current?.children.item(at)?.scrollIntoView({ block: 'nearest' });
  }, [at, shown]);
  return (
    <ol className="events" ref={list} aria-label="Events">
      {events.map((event) => (
        <Item key={event.key} event={event} isHere={event.key === here} onOpen={onOpen ?? null} />
      ))}
    </ol>
  );
};
