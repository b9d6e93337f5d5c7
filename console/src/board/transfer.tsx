/** Connects the other side of a call with somebody else. */
import { useState, type FormEvent, type ReactElement } from 'react';
import { request } from '../api/client.ts';
import { textOf } from '../ui/form.ts';

export const Transfer = ({ callId, peer }: { callId: string; peer: string }): ReactElement => {
  const [said, setSaid] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = { number: textOf(new FormData(event.currentTarget), 'number') };
    request(`/api/v1/calls/${callId}/transfer`, { method: 'POST', body })
      .then(() => setSaid('The transfer was ordered.'))
      .catch((error: unknown) => setSaid(error instanceof Error ? error.message : String(error)));
  };
  return (
    <form onSubmit={submit} className="transfer">
      <input
        name="number"
        type="tel"
        required
        placeholder="+359888123456"
        aria-label={`Number to transfer ${peer} to`}
      />
      <button type="submit">Transfer</button>
      {said !== null && <span role="status">{said}</span>}
    </form>
  );
};
