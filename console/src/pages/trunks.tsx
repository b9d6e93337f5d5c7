/** SIP trunks, and whether they are registered. */
import type { FormEvent, ReactElement } from 'react';
import type { Trunk } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { textOf } from '../ui/form.ts';
import { time, words } from '../ui/format.ts';
import { Listing, SaidNotice, useAnswer } from '../ui/listing.tsx';
import { useAction, type Action } from '../ui/use-action.ts';

const KEY = 'trunks';
const PATH = '/api/v1/trunks';
const REFRESH_MS = 3_000;

const bodyOf = (form: FormData) => {
  const optional = ['username', 'password'].map((name) => [name, textOf(form, name)] as const);
  return {
    name: textOf(form, 'name'),
    host: textOf(form, 'host'),
    kind: textOf(form, 'kind'),
    transport: textOf(form, 'transport'),
    capacity: Number(textOf(form, 'capacity')),
    callerIds: textOf(form, 'callerIds')
      .split(/[\s,]+/)
      .filter((number) => number !== ''),
    ...Object.fromEntries(optional.filter(([, text]) => text !== '')),
  };
};

const NewTrunk = ({ action }: { action: Action }): ReactElement => {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = bodyOf(new FormData(event.currentTarget));
    action.run(() => request(PATH, { method: 'POST', body }), `“${body.name}” was kept.`);
  };
  return (
    <details>
      <summary>New trunk</summary>
      <form onSubmit={submit} className="narrow">
        <label>
          Name
          <input name="name" required />
        </label>
        <label>
          Host
          <input name="host" required placeholder="sip.example.com" />
        </label>
        <label>
          Kind
          <select name="kind">
            <option value="register">registers with a user name</option>
            <option value="static">known by its address</option>
          </select>
        </label>
        <label>
          Transport
          <select name="transport">
            <option>udp</option>
            <option>tcp</option>
          </select>
        </label>
        <label>
          User name
          <input name="username" autoComplete="off" />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="new-password" />
        </label>
        <label>
          Own numbers, in international form
          <input name="callerIds" placeholder="+35924000000" />
        </label>
        <label>
          Calls at the same time
          <input name="capacity" type="number" min={1} defaultValue={10} required />
        </label>
        <button type="submit" disabled={action.isBusy}>
          Keep
        </button>
      </form>
    </details>
  );
};

const Registration = ({ registration }: Trunk): ReactElement =>
  registration === null ? (
    <>–</>
  ) : (
    <>
      <span className={`chip state-${registration.state}`}>{words(registration.state)}</span>
      <small>
        {registration.cause ?? (registration.expiresAt === null ? '' : `until ${time(registration.expiresAt)}`)}
      </small>
    </>
  );

const TrunksPage = (): ReactElement => {
  const query = useAnswer<{ trunks: Trunk[] }>(KEY, PATH, REFRESH_MS);
  const action = useAction(KEY);
  const toggle = ({ id, name, isEnabled }: Trunk) =>
    action.run(
      () => request(`${PATH}/${id}`, { method: 'PATCH', body: { isEnabled: !isEnabled } }),
      `“${name}” is ${isEnabled ? 'off' : 'on'}.`,
    );
  return (
    <>
      <div className="heading">
        <h1>Trunks</h1>
      </div>
      <NewTrunk action={action} />
      <SaidNotice said={action.said} />
      <Listing
        query={query}
        label="Trunks"
        empty="There is no trunk: nothing can be called yet."
        rows={query.data?.trunks ?? []}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', show: ({ name }) => name },
          {
            name: 'Host',
            show: ({ host, port, transport }) => `${host}${port === null ? '' : `:${port}`} (${transport})`,
          },
          { name: 'Registration', show: (trunk) => <Registration {...trunk} /> },
          { name: 'Own numbers', show: ({ callerIds }) => callerIds.join(', ') || '–' },
          { name: 'Priority', show: ({ priority }) => priority, isFigure: true },
          { name: 'Capacity', show: ({ capacity }) => capacity, isFigure: true },
          {
            name: 'Actions',
            show: (trunk) =>
              trunk.origin === 'environment' ? (
                'from the settings'
              ) : (
                <button
                  type="button"
                  disabled={action.isBusy}
                  aria-label={`Turn ${trunk.isEnabled ? 'off' : 'on'} ${trunk.name}`}
                  onClick={() => toggle(trunk)}
                >
                  Turn {trunk.isEnabled ? 'off' : 'on'}
                </button>
              ),
          },
        ]}
      />
    </>
  );
};

export default TrunksPage;
