/** The live calls as a table. However many there are, only the rows in sight are drawn. */
import { Fragment, useCallback, useRef, useState, type ReactElement } from 'react';
import type { LiveCall } from '../api/types.ts';
import { useTrunkNames } from './call-names.tsx';
import { CallRow, peerOf } from './call-row.tsx';
import { useRowsInSight } from './rows-in-sight.ts';
import { SpokenRow } from './spoken-row.tsx';
import { TransferDialog } from './transfer-dialog.tsx';

/** In pixels, as the style sheet has them. */
const ROW_HEIGHT = 56;
const SPOKEN_HEIGHT = 224;

const COLUMNS = ['Number', 'Lead', 'Trunk', 'State', 'Turn', 'Time', 'Model', 'Quality', 'Actions'] as const;

/** Stands for rows that are out of sight. */
const Gap = ({ rows }: { rows: number }): ReactElement | null =>
  rows <= 0 ? null : <tr aria-hidden="true" className="gap" style={{ height: rows * ROW_HEIGHT }} />;

export const CallTable = ({ calls }: { calls: ReadonlyMap<string, LiveCall> }): ReactElement => {
  const body = useRef<HTMLTableSectionElement>(null);
  const [open, setOpen] = useState<string | null>(null);
  const [transferred, setTransferred] = useState<string | null>(null);
  const trunks = useTrunkNames();
  const { first, end } = useRowsInSight(body, ROW_HEIGHT, open === null ? 0 : Math.ceil(SPOKEN_HEIGHT / ROW_HEIGHT));
  const toggle = useCallback((callId: string) => setOpen((before) => (before === callId ? null : callId)), []);
  const all = [...calls.values()];
  const shown = all.slice(first, end);
  const columns = COLUMNS.filter((name) => name !== 'Trunk' || trunks !== null);
  const leaving = transferred === null ? undefined : calls.get(transferred);
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls is reached by keyboard */}
      <div className="scroll" tabIndex={0} role="region" aria-label="Live calls">
        <table className="live" aria-rowcount={all.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((name) => (
                <th key={name} scope="col" className={name.toLowerCase()}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            <Gap rows={Math.min(first, all.length)} />
            {shown.map((call, index) => (
              <Fragment key={call.callId}>
                <CallRow
                  call={call}
                  trunk={trunks === null ? null : (trunks.get(call.trunkId ?? 0) ?? '–')}
                  rowIndex={first + index + 2}
                  isOpen={open === call.callId}
                  onToggle={toggle}
                  onTransfer={setTransferred}
                />
                {open === call.callId && (
                  <SpokenRow callId={call.callId} peer={peerOf(call) ?? 'the caller'} columns={columns.length} />
                )}
              </Fragment>
            ))}
            <Gap rows={all.length - end} />
          </tbody>
        </table>
      </div>
      {transferred !== null && (
        <TransferDialog
          key={transferred}
          callId={transferred}
          peer={(leaving && peerOf(leaving)) ?? 'the caller'}
          onClose={() => setTransferred(null)}
        />
      )}
    </>
  );
};
