/** The calls that are live now. */
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { request } from '../api/client.ts';
import type { EndedNotice, LiveCall, TranscriptSegment } from '../api/types.ts';
import { useLiveCalls, type LiveCalls } from '../api/use-live-calls.ts';
import { BoardAside } from '../board/board-aside.tsx';
import { Transfer } from '../board/transfer.tsx';
import { duration, number, words } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { useNow } from '../ui/use-now.ts';

const hangUp = (callId: string) => request(`/api/v1/calls/${callId}/hangup`, { method: 'POST' });

const quality = ({ quality: measured }: LiveCall): string =>
  measured === null ? '–' : `MOS ${number(measured.mos, 1)}`;

const peerOf = ({ direction, callerNumber, calledNumber }: LiveCall): string | null =>
  direction === 'inbound' ? callerNumber : calledNumber;

const CallRow = ({
  call,
  now,
  isOpen,
  onToggle,
}: {
  call: LiveCall;
  now: number;
  isOpen: boolean;
  onToggle: () => void;
}) => {
  const [problem, setProblem] = useState<string | null>(null);
  const end = () => {
    hangUp(call.callId).catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  const peer = peerOf(call);
  return (
    <tr data-call={call.callId}>
      <td>
        <Link href={`/calls/${call.callId}`}>{peer ?? 'Unknown'}</Link>
        <small>{call.direction}</small>
      </td>
      <td>
        <span className={`chip state-${call.state}`}>{words(call.state)}</span>
      </td>
      <td>{call.turn === null ? '–' : words(call.turn)}</td>
      <td className="figure">{duration((now - Date.parse(call.startedAt)) / 1_000)}</td>
      <td>{call.modelState === null ? '–' : words(call.modelState)}</td>
      <td>{quality(call)}</td>
      <td className="actions">
        <button type="button" className="quiet" aria-expanded={isOpen} onClick={onToggle}>
          Transcript
        </button>
        <Link href={`/calls/${call.callId}/chart`} className="button quiet">
          Statechart
        </Link>
        <button type="button" className="danger" onClick={end} aria-label={`Hang up ${peer ?? 'the call'}`}>
          Hang up
        </button>
        {problem !== null && <span role="alert">{problem}</span>}
      </td>
    </tr>
  );
};

const Spoken = ({ call, segments }: { call: LiveCall; segments: readonly TranscriptSegment[] }): ReactElement => (
  <tr className="spoken">
    <td colSpan={7} aria-live="polite">
      {segments.length === 0 ? (
        <p className="dim">Nothing has been said since this page was opened.</p>
      ) : (
        <ul>
          {segments.map(({ index, speaker, text }) => (
            <li key={index} className={speaker}>
              <b>{speaker === 'agent' ? 'Agent' : 'Caller'}</b> {text}
            </li>
          ))}
        </ul>
      )}
      <Transfer callId={call.callId} peer={peerOf(call) ?? 'the call'} />
    </td>
  </tr>
);

const Ended = ({ ended }: { ended: readonly EndedNotice[] }): ReactElement | null =>
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
  );

const STREAM_TEXT = {
  connecting: 'Connecting…',
  open: 'Live',
  lost: 'The connection is lost; trying again.',
} as const satisfies Record<LiveCalls['stream'], string>;

export const BoardPage = (): ReactElement => {
  const { calls, ended, spoken, stream } = useLiveCalls();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const now = useNow();
  const toggle = (callId: string) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(callId)) after.add(callId);
      return after;
    });
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
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Number</th>
                <th scope="col">State</th>
                <th scope="col">Turn</th>
                <th scope="col">Time</th>
                <th scope="col">Model</th>
                <th scope="col">Quality</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {[...calls.values()].flatMap((call) => [
                <CallRow
                  key={call.callId}
                  call={call}
                  now={now}
                  isOpen={open.has(call.callId)}
                  onToggle={() => toggle(call.callId)}
                />,
                ...(open.has(call.callId)
                  ? [<Spoken key={`${call.callId}#spoken`} call={call} segments={spoken.get(call.callId) ?? []} />]
                  : []),
              ])}
            </tbody>
          </table>
        </div>
      )}
      <Ended ended={ended} />
      <BoardAside />
    </>
  );
};
