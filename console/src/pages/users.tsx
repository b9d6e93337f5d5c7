/** Accounts: an admin's agents; for a superadmin, the admins. */
import type { FormEvent, ReactElement } from 'react';
import type { Admin, Agent } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { textOf } from '../ui/form.ts';
import { time } from '../ui/format.ts';
import { Listing, SaidNotice, useAnswer } from '../ui/listing.tsx';
import { useAction, type Action } from '../ui/use-action.ts';
import { useUser } from '../ui/user-context.ts';

const KEY = 'users';
const PLACES = {
  admins: { path: '/api/superadmin/admins', name: 'Admins', one: 'admin' },
  agents: { path: '/api/users/agents', name: 'Agents', one: 'agent' },
} as const;

type Account = (Admin | Agent) & { organization?: string | null; gate_slot?: number | null };
type Place = (typeof PLACES)[keyof typeof PLACES];

const NewAccount = ({ place, action }: { place: Place; action: Action }): ReactElement => {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const names = ['username', 'email', 'password', 'first_name', 'last_name', 'organization'];
    const body = Object.fromEntries(names.map((name) => [name, textOf(form, name)]).filter(([, text]) => text !== ''));
    action.run(() => request(place.path, { method: 'POST', body }), `${String(body['username'])} can log in.`);
    event.currentTarget.reset();
  };
  return (
    <details>
      <summary>New {place.one}</summary>
      <form onSubmit={submit} className="narrow">
        <label>
          User name
          <input name="username" required minLength={3} maxLength={50} autoComplete="off" />
        </label>
        <label>
          E-mail
          <input name="email" type="email" required autoComplete="off" />
        </label>
        <label>
          Password
          <input name="password" type="password" required minLength={6} autoComplete="new-password" />
        </label>
        <label>
          First name
          <input name="first_name" />
        </label>
        <label>
          Last name
          <input name="last_name" />
        </label>
        {place.one === 'admin' && (
          <label>
            Organisation
            <input name="organization" />
          </label>
        )}
        <button type="submit" disabled={action.isBusy}>
          Create
        </button>
      </form>
    </details>
  );
};

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
    <>
      <div className="heading">
        <h1>{place.name}</h1>
      </div>
      <NewAccount place={place} action={action} />
      <SaidNotice said={action.said} />
      <Listing
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
      />
    </>
  );
};

export default UsersPage;
