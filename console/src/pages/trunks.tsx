/** SIP trunks, and whether they are registered. */
import type { ReactElement } from 'react';
import type { Trunk } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { Choice, Field, filledIn, NewEntry, textOf } from '../ui/form.tsx';
import { time, words } from '../ui/format.ts';
import { ListPage, useAnswer } from '../ui/listing.tsx';
import { useAction, type Action } from '../ui/use-action.ts';

const KEY = 'trunks';
const PATH = '/api/v1/trunks';
const REFRESH_MS = 3_000;

const bodyOf = (form: FormData) => ({
  ...filledIn(form, ['name', 'host', 'kind', 'transport', 'username', 'password']),
  capacity: Number(textOf(form, 'capacity')),
  callerIds: textOf(form, 'callerIds')
    .split(/[\s,]+/)
    .filter((number) => number !== ''),
});

const NewTrunk = ({ action }: { action: Action }): ReactElement => (
  <NewEntry
    name="New trunk"
    button="Keep"
    action={action}
    order={(form) => ({
      act: () => request(PATH, { method: 'POST', body: bodyOf(form) }),
      done: `“${textOf(form, 'name')}” was kept.`,
    })}
  >
    <Field label="Name" name="name" required />
    <Field label="Host" name="host" required placeholder="sip.example.com" />
    <Choice label="Kind" name="kind">
      <option value="register">registers with a user name</option>
      <option value="static">known by its address</option>
    </Choice>
    <Choice label="Transport" name="transport">
      <option>udp</option>
      <option>tcp</option>
    </Choice>
    <Field label="User name" name="username" autoComplete="off" />
    <Field label="Password" name="password" type="password" autoComplete="new-password" />
    <Field label="Own numbers, in international form" name="callerIds" placeholder="+35924000000" />
    <Field label="Calls at the same time" name="capacity" type="number" min={1} defaultValue={10} required />
  </NewEntry>
);

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
    <ListPage
      title="Trunks"
      said={action.said}
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
    >
      <NewTrunk action={action} />
    </ListPage>
  );
};

export default TrunksPage;
