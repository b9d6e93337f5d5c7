/** Asks with whom the other side of a call is to be connected, and orders it. */
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';
import { request } from '../api/client.ts';
import { textOf } from '../ui/form.tsx';
import { SaidNotice } from '../ui/listing.tsx';
import type { Said } from '../ui/use-action.ts';

type DialogProps = { callId: string; peer: string; onClose: () => void };

export const TransferDialog = ({ callId, peer, onClose }: DialogProps): ReactElement => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [said, setSaid] = useState<Said | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const number = textOf(new FormData(event.currentTarget), 'number').replaceAll(/[\s()-]/g, '');
    request(`/api/v1/calls/${callId}/transfer`, { method: 'POST', body: { number } })
      .then(() => setSaid({ kind: 'good', text: 'The transfer was ordered. The call ends once it has come about.' }))
      .catch((error: unknown) =>
        setSaid({ kind: 'error', text: error instanceof Error ? error.message : String(error) }),
      );
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="transfer-title">
      <form onSubmit={submit}>
        <h2 id="transfer-title">Transfer {peer}</h2>
        <label>
          Number to connect with
          <input name="number" type="tel" required placeholder="+359888123456" />
        </label>
        <SaidNotice said={said} />
        <p className="buttons">
          <button type="submit">Transfer</button>
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            {said?.kind === 'good' ? 'Close' : 'Cancel'}
          </button>
        </p>
      </form>
    </dialog>
  );
};
