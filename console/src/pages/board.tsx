/** The calls that are live now. */
import { memo, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { EndedNotice } from '../api/types.ts';
import { useLiveCalls, type LiveCalls } from '../api/use-live-calls.ts';
import { BoardAside } from '../board/board-aside.tsx';
import { CallTable } from '../board/call-table.tsx';
import { words } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';

const Ended = memo(({ ended }: { ended: readonly EndedNotice[] }): ReactElement | null =>
  ended.length === 0 ? null : (
    <section aria-labelledby="ended">
      <h2 id="ended">Just ended</h2>
      <ul className="plain">
        {ended.map(({ callId, status, cause, last }) => (
          <li key={callId}>
            <Link href={`/calls/${callId}`}>{last?.callerNumber ?? last?.calledNumber ?? callId}</Link>{' '}
            <span className={`chip status-${status}`}>{words(status)}</span> {cause === null ? '' : words(cause)}
          </li>
        ))}
      </ul>
    </section>
  ),
);

const Aside = memo(BoardAside);

const STREAM_TEXT = {
  connecting: 'Connecting…',
  open: 'Live',
  lost: 'The connection is lost; trying again.',
} as const satisfies Record<LiveCalls['stream'], string>;

export const BoardPage = (): ReactElement => {
  const { calls, ended, stream } = useLiveCalls();
  return (
    <>
      <div className="heading">
        <h1>Live calls</h1>
        <p className={`stream ${stream}`} role="status">
          {STREAM_TEXT[stream]}
        </p>
        <p className="figure" data-testid="call-count">
          {calls.size} {calls.size === 1 ? 'call' : 'calls'}
        </p>
      </div>
      {calls.size === 0 ? (
        <Notice kind="empty">{stream === 'open' ? 'No call is up now.' : 'The calls are not known yet.'}</Notice>
      ) : (
        <CallTable calls={calls} />
      )}
      <Ended ended={ended} />
      <Aside />
    </>
  );
};
