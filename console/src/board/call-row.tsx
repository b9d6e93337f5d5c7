/** One live call in the board. Drawn anew only when the call has changed. */
import { memo, useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { request } from '../api/client.ts';
import type { LiveCall } from '../api/types.ts';
import { duration, number, words } from '../ui/format.ts';
import { useNow } from '../ui/use-now.ts';
import { LeadName } from './call-names.tsx';

const hangUp = (callId: string) => request(`/api/v1/calls/${callId}/hangup`, { method: 'POST' });

export const peerOf = ({ direction, callerNumber, calledNumber }: LiveCall): string | null =>
  direction === 'inbound' ? callerNumber : calledNumber;

const Elapsed = ({ since }: { since: string }): ReactElement => <>{duration((useNow() - Date.parse(since)) / 1_000)}</>;

const Quality = ({ quality }: LiveCall): ReactElement =>
  quality === null ? (
    <>–</>
  ) : (
    <>
      MOS {number(quality.mos, 1)}
      <small>
        {quality.packetsLost} lost, {number(quality.jitterMs)} ms
      </small>
    </>
  );

export type RowProps = {
  call: LiveCall;
  /** Null: trunks are not shown. */
  trunk: string | null;
  /** In the whole table, its head is 1. */
  rowIndex: number;
  isOpen: boolean;
  onToggle: (callId: string) => void;
  onTransfer: (callId: string) => void;
};

const Row = ({ call, trunk, rowIndex, isOpen, onToggle, onTransfer }: RowProps): ReactElement => {
  const [problem, setProblem] = useState<string | null>(null);
  const end = () => {
    hangUp(call.callId).catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  const peer = peerOf(call);
  const name = peer ?? 'the call';
  return (
    <tr data-call={call.callId} aria-rowindex={rowIndex}>
      <td>
        <Link href={`/calls/${call.callId}`}>{peer ?? 'Unknown'}</Link>
        <small>{call.direction}</small>
      </td>
      <td>
        <LeadName leadId={call.leadId} />
      </td>
      {trunk !== null && <td>{trunk}</td>}
      <td>
        <span className={`chip state-${call.state}`}>{words(call.state)}</span>
        {call.isOnHold && <span className="chip hold">on hold</span>}
      </td>
      <td>{call.turn === null ? '–' : words(call.turn)}</td>
      <td className="figure">
        <Elapsed since={call.startedAt} />
      </td>
      <td>{call.modelState === null ? '–' : words(call.modelState)}</td>
      <td>
        <Quality {...call} />
      </td>
      <td className="actions">
        <button
          type="button"
          className="quiet"
          aria-expanded={isOpen}
          aria-label={`Transcript of ${name}`}
          onClick={() => onToggle(call.callId)}
        >
          Transcript
        </button>
        <Link href={`/calls/${call.callId}/chart`} className="button quiet">
          Statechart
        </Link>
        <button type="button" className="quiet" aria-label={`Transfer ${name}`} onClick={() => onTransfer(call.callId)}>
          Transfer
        </button>
        <button type="button" className="danger" onClick={end} aria-label={`Hang up ${name}`}>
          Hang up
        </button>
        {problem !== null && <span role="alert">{problem}</span>}
      </td>
    </tr>
  );
};

export const CallRow = memo(Row);
