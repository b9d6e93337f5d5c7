/** Accounts: an admin's agents; for a superadmin, the admins. */
import type { ReactElement } from 'react';
import type { Admin, Agent } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { Field, filledIn, NewEntry, textOf } from '../ui/form.tsx';
import { time } from '../ui/format.ts';
import { ListPage, useAnswer } from '../ui/listing.tsx';
import { useAction, type Action } from '../ui/use-action.ts';
import { useUser } from '../ui/user-context.ts';

const KEY = 'users';
const PLACES = {
  admins: { path: '/api/superadmin/admins', name: 'Admins', one: 'admin' },
  agents: { path: '/api/users/agents', name: 'Agents', one: 'agent' },
} as const;

type Account = (Admin | Agent) & { organization?: string | null; gate_slot?: number | null };
type Place = (typeof PLACES)[keyof typeof PLACES];

const FIELDS = ['username', 'email', 'password', 'first_name', 'last_name', 'organization'] as const;

const NewAccount = ({ place, action }: { place: Place; action: Action }): ReactElement => (
  <NewEntry
    name={`New ${place.one}`}
    button="Create"
    action={action}
    order={(form) => ({
      act: () => request(place.path, { method: 'POST', body: filledIn(form, FIELDS) }),
      done: `${textOf(form, 'username')} can log in.`,
    })}
  >
    <Field label="User name" name="username" required minLength={3} maxLength={50} autoComplete="off" />
    <Field label="E-mail" name="email" type="email" required autoComplete="off" />
    <Field label="Password" name="password" type="password" required minLength={6} autoComplete="new-password" />
    <Field label="First name" name="first_name" />
    <Field label="Last name" name="last_name" />
    {place.one === 'admin' && <Field label="Organisation" name="organization" />}
  </NewEntry>
);

const UsersPage = (): ReactElement => {
  const place = useUser().role === 'superadmin' ? PLACES.admins : PLACES.agents;
  const query = useAnswer<Account[]>(KEY, place.path);
  const action = useAction(KEY);
  const toggle = ({ id, username, is_active }: Account) =>
    action.run(
      () => request(`${place.path}/${id}`, { method: 'PUT', body: { is_active: !is_active } }),
      `${username} is ${is_active ? 'shut out' : 'let in'}.`,
    );
  return (
    <ListPage
      title={place.name}
      said={action.said}
      query={query}
      label={place.name}
      empty={`There is no ${place.one}.`}
      rows={query.data ?? []}
      keyOf={({ id }) => id}
      columns={[
        { name: 'User name', show: ({ username }) => username },
        { name: 'Name', show: ({ full_name }) => full_name },
        { name: 'E-mail', show: ({ email }) => email },
        {
          name: place.one === 'admin' ? 'Organisation' : 'SIM slot',
          show: (account) => (place.one === 'admin' ? account.organization : account.gate_slot) ?? '–',
        },
        { name: 'Since', show: ({ created_at }) => time(created_at) },
        {
          name: 'Actions',
          show: (account) => (
            <button
              type="button"
              disabled={action.isBusy}
              aria-label={`${account.is_active ? 'Shut out' : 'Let in'} ${account.username}`}
              onClick={() => toggle(account)}
            >
              {account.is_active ? 'Shut out' : 'Let in'}
            </button>
          ),
        },
      ]}
    >
      <NewAccount place={place} action={action} />
    </ListPage>
  );
};

export default UsersPage;
