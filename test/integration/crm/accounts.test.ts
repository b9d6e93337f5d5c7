import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSetUpToken } from '#app/set-up.ts';
import { createCrmRig, type CrmRig } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
let serial = 0;

beforeAll(async () => {
  crm = await createCrmRig();
});

afterAll(() => crm.close());

const someone = (change: object = {}) => {
  serial += 1;
  return { username: `user${serial}`, email: `user${serial}@example.com`, password: 'long enough', ...change };
};

const count = async (sql: string, ...values: unknown[]) =>
  Number((await crm.sql<{ count: string }>(`select count(*) as count from ${sql}`, values))[0]?.count);

const newAdmin = async (maxAgents: number) => {
  const admin = (await crm.as('root').post('/api/superadmin/admins', someone({ organization: 'New Ltd' }))).json();
  await crm.sql(`update users set max_agents = ?, subscription_end_date = now() + interval '1 day' where id = ?`, [
    maxAgents,
    admin.id,
  ]);
  const login = { username: admin.username, password: 'long enough' };
  const { access_token: token } = (await crm.anonymous.post('/api/auth/login', login)).json();
  return { id: Number(admin.id), client: crm.withToken(token) };
};

const newCall = async (ownerId: number) => {
  const id = randomUUID();
  await crm.sql(
    `insert into call_sessions (session_id, direction, status, started_at, owner_id) values (?, 'outbound', 'answered', now(), ?)`,
    [id, ownerId],
  );
  await crm.sql(`insert into recordings (call_id, state) values (?, 'published')`, [id]);
  await mkdir(join(crm.dataDirectory, 'sessions', id), { recursive: true });
  await writeFile(join(crm.dataDirectory, 'sessions', id, 'mixed_20251201_120423.wav'), 'RIFF');
  return id;
};

const newLead = async (ownerId: number) => {
  const [row] = await crm.sql<{ id: number }>(
    `insert into leads (owner_id, phone, phone_e164) values (?, '888123456', '+359888123456') returning id`,
    [ownerId],
  );
  return row?.id ?? 0;
};

describe('registration', () => {
  it('makes an admin who has nothing yet', async () => {
    const given = someone({ first_name: ' Ann ', last_name: '' });
    const answer = await crm.anonymous.post('/api/auth/register', given);
    expect(answer.statusCode).toBe(200);
    const { user, access_token: token } = answer.json();
    expect(user).toMatchObject({
      role: 'admin',
      first_name: 'Ann',
      last_name: null,
      full_name: 'Ann',
      created_by_id: null,
    });
    const info = await crm.withToken(token).get('/api/billing/info');
    expect(info.json()).toEqual({
      ...{ current_agents: 0, max_agents: 0, available_slots: 0, price_per_agent: 300, payment_wallet: null },
      ...{ is_subscription_active: false, subscription_end_date: null, days_remaining: null },
    });
    const agent = await crm.withToken(token).post('/api/users/agents', someone());
    expect([agent.statusCode, agent.json().code]).toEqual([403, 'agent_limit']);
  });

  it('refuses a name or address that is taken, whatever the case of the address', async () => {
    const taken = await crm.anonymous.post('/api/auth/register', someone({ username: 'acme' }));
    expect([taken.statusCode, taken.json().code]).toEqual([400, 'username_taken']);
    const email = await crm.anonymous.post('/api/auth/register', someone({ email: 'ACME@Example.com' }));
    expect([email.statusCode, email.json().code]).toEqual([400, 'email_taken']);
  });

  it('makes one of two who want the same name at once', async () => {
    const [first, second] = [someone({ username: 'wanted' }), someone({ username: 'wanted' })];
    const answers = await Promise.all([first, second].map((each) => crm.anonymous.post('/api/auth/register', each)));
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 400]);
  });

  it('can be closed', async () => {
    const closed = await createCrmRig(() => ({}), { registrationOpen: false });
    const answer = await closed.anonymous.post('/api/auth/register', someone());
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'registration_closed']);
    await closed.close();
  });
});

describe('the set-up link', () => {
  it('makes one superadmin, once, and only while there is none', async () => {
    const setUpToken = newSetUpToken(Date.now());
    const fresh = await createCrmRig(() => ({}), { setUpToken });
    const setUp = (change: object = {}) =>
      fresh.anonymous.post('/api/auth/set-up', { ...someone(), token: setUpToken, ...change });
    expect((await setUp()).statusCode).toBe(403);
    await fresh.sql(`delete from users`);
    expect((await setUp({ token: 'a wrong token' })).statusCode).toBe(403);
    const answers = await Promise.all([setUp(), setUp()]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 403]);
    const made = answers.find(({ statusCode }) => statusCode === 200)?.json();
    expect((await fresh.withToken(made.access_token).get('/api/superadmin/stats')).statusCode).toBe(200);
    expect((await setUp()).statusCode).toBe(403);
    await fresh.close();
  });

  it('ends after an hour', async () => {
    const fresh = await createCrmRig(() => ({}), { setUpToken: newSetUpToken(Date.now() - 3_600_001) });
    await fresh.sql('delete from users');
    const token = newSetUpToken(Date.now() - 3_600_001);
    expect((await fresh.anonymous.post('/api/auth/set-up', { ...someone(), token })).statusCode).toBe(403);
    await fresh.close();
  });
});

describe('agents', () => {
  it('get the lowest free slot of the gateway, over all tenants', async () => {
    const agent = (await crm.as('acme').post('/api/users/agents', someone())).json();
    expect(agent).toMatchObject({
      role: 'agent',
      gate_slot: 13,
      created_by_id: crm.ids.acme,
      is_active: true,
      last_login: null,
    });
    const other = (await crm.as('bolt').post('/api/users/agents', someone())).json();
    expect(other.gate_slot).toBe(14);
    await crm.as('acme').delete(`/api/users/agents/${agent.id}`);
    const next = (await crm.as('bolt').post('/api/users/agents', someone())).json();
    expect(next.gate_slot).toBe(13);
    for (const { id } of [other, next]) await crm.as('bolt').delete(`/api/users/agents/${id}`);
  });

  it('cannot be more than were paid for, also when the last two are made at once', async () => {
    const admin = await newAdmin(1);
    const answers = await Promise.all([1, 2, 3].map(() => admin.client.post('/api/users/agents', someone())));
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 403, 403]);
    const [agent] = (await admin.client.get('/api/users/agents')).json();
    await admin.client.put(`/api/users/agents/${agent.id}`, { is_active: false });
    expect((await admin.client.post('/api/users/agents', someone())).statusCode).toBe(403);
    await admin.client.delete(`/api/users/agents/${agent.id}`);
  });

  it('cannot be more than the gateway has slots, also when several want the last', async () => {
    const admin = await newAdmin(20);
    const made: number[] = [];
    for (;;) {
      const answers = await Promise.all([1, 2, 3, 4].map(() => admin.client.post('/api/users/agents', someone())));
      made.push(...answers.filter(({ statusCode }) => statusCode === 200).map((answer) => answer.json().id));
      const refused = answers.filter(({ statusCode }) => statusCode !== 200);
      if (refused.length === 0) continue;
      for (const answer of refused) expect([answer.statusCode, answer.json().code]).toEqual([409, 'no_gate_slot']);
      break;
    }
    expect(made).toHaveLength(7);
    expect(await count(`users where created_by_id = ?`, admin.id)).toBe(7);
    for (const id of made) expect((await admin.client.delete(`/api/users/agents/${id}`)).statusCode).toBe(200);
  });

  it('are seen and changed by their own admin alone', async () => {
    const url = `/api/users/agents/${crm.ids.bob}`;
    const answers = [
      await crm.as('acme').get(url),
      await crm.as('acme').put(url, { first_name: 'X' }),
      await crm.as('acme').delete(url),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403]);
    expect((await crm.as('acme').get('/api/users/agents/2000000000')).statusCode).toBe(404);
    expect((await crm.as('acme').get(`/api/users/agents/${crm.ids.bolt}`)).statusCode).toBe(404);
    expect((await crm.as('acme').get('/api/users/agents/abc')).statusCode).toBe(422);
    for (const name of ['root', 'anna'] as const)
      expect((await crm.as(name).get('/api/users/agents')).statusCode).toBe(403);
  });

  it('are changed field by field: null and absent leave, blank clears, unknown is ignored', async () => {
    const url = `/api/users/agents/${crm.ids.ante}`;
    const change = { username: 'other', first_name: 'Ante', last_name: 'K', role: 'superadmin', email: null };
    const changed = (await crm.as('acme').put(url, change)).json();
    expect(changed).toMatchObject({ username: 'ante', full_name: 'Ante K', role: 'agent', email: 'ante@example.com' });
    expect((await crm.as('acme').put(url, { last_name: '' })).json()).toMatchObject({
      last_name: null,
      full_name: 'Ante',
    });
    const taken = await crm.as('acme').put(url, { email: 'ANNA@example.com' });
    expect([taken.statusCode, taken.json().code]).toEqual([400, 'email_taken']);
    expect((await crm.as('acme').put(url, { password: 'new secret' })).statusCode).toBe(200);
    expect((await crm.anonymous.post('/api/auth/login', { username: 'ante', password: 'new secret' })).statusCode).toBe(
      200,
    );
  });

  it('leave their calls to the admin when they are deleted, and nothing else', async () => {
    const agent = (await crm.as('acme').post('/api/users/agents', someone())).json();
    const call = await newCall(agent.id);
    const lead = await newLead(agent.id);
    const kept = await newLead(crm.ids.acme);
    await crm.sql(`insert into campaigns (owner_id, name) values (?, 'theirs'), (?, 'ours')`, [agent.id, crm.ids.acme]);
    for (const [id, status] of [
      [lead, 'pending'],
      [kept, 'pending'],
    ] as const) {
      await crm.sql(
        `insert into campaign_leads (campaign_id, lead_id, lead_name, lead_phone, status)
         select id, ?, 'x', 'y', ? from campaigns where name = 'ours'`,
        [id, status],
      );
    }
    const answer = await crm.as('acme').delete(`/api/users/agents/${agent.id}`);
    expect(answer.json()).toEqual({ status: 'success', message: 'Agent deleted' });
    const [row] = await crm.sql('select owner_id from call_sessions where session_id = ?', [call]);
    expect(row).toEqual({ owner_id: crm.ids.acme });
    expect(await count('leads where owner_id = ?', agent.id)).toBe(0);
    expect(await count(`campaigns where name = 'theirs'`)).toBe(0);
    expect(await crm.sql('select lead_id from campaign_leads')).toEqual([{ lead_id: kept }]);
    expect((await crm.as('acme').get(`/api/users/agents/${agent.id}`)).statusCode).toBe(404);
  });
});

it('D7: nobody gets the id of one who was deleted, nor anything that was theirs', async () => {
  const makeAgent = async () => Number((await crm.as('acme').post('/api/users/agents', someone())).json().id);
  const makeLead = async () =>
    Number((await crm.as('acme').post('/api/crm/leads', { phone: '+359888123456' })).json().id);
  const [agent, lead] = [await makeAgent(), await makeLead()];
  const call = await newCall(agent);
  expect((await crm.as('acme').delete(`/api/users/agents/${agent}`)).statusCode).toBe(200);
  expect((await crm.as('acme').delete(`/api/crm/leads/${lead}`)).statusCode).toBe(200);

  const nextAgent = await makeAgent();
  expect([nextAgent, await makeLead()]).toEqual([
    expect.toSatisfy((id) => id > agent),
    expect.toSatisfy((id) => id > lead),
  ]);
  expect(await count('call_sessions where owner_id = ? and session_id = ?', nextAgent, call)).toBe(0);

  const admin = await newAdmin(0);
  const theirs = await newCall(admin.id);
  expect((await crm.as('root').delete(`/api/superadmin/admins/${admin.id}`)).statusCode).toBe(200);
  const next = await newAdmin(0);
  expect(next.id).toBeGreaterThan(admin.id);
  expect((await next.client.get('/api/crm/sessions')).json()).toEqual([]);
  expect((await next.client.get(`/api/crm/sessions/${theirs}`)).statusCode).toBe(404);
});

describe('tenants', () => {
  it('are made with their organisation and changed', async () => {
    const made = (await crm.as('root').post('/api/superadmin/admins', someone({ organization: ' Фирма ' }))).json();
    expect(made).toMatchObject({ organization: 'Фирма', agent_count: 0, max_agents: 0, created_by_id: crm.ids.root });
    const url = `/api/superadmin/admins/${made.id}`;
    expect((await crm.as('root').get(url)).json()).toEqual(made);
    expect((await crm.as('root').put(url, { organization: 'Other', is_active: false })).json()).toEqual({
      ...made,
      organization: 'Other',
      is_active: false,
    });
    expect((await crm.as('root').get(`/api/superadmin/admins/${crm.ids.anna}`)).statusCode).toBe(404);
    expect((await crm.as('root').post('/api/superadmin/admins', someone({ organization: 'X' }))).statusCode).toBe(422);
  });

  it('are listed with their agents', async () => {
    const admins = (await crm.as('root').get('/api/superadmin/admins')).json();
    expect(admins.find(({ id }: { id: number }) => id === crm.ids.bolt)).toMatchObject({
      agent_count: 1,
      max_agents: 5,
    });
    const agents = (await crm.as('root').get('/api/superadmin/agents')).json();
    expect(agents.find(({ id }: { id: number }) => id === crm.ids.bob)).toEqual({
      ...{
        id: crm.ids.bob,
        username: 'bob',
        email: 'bob@example.com',
        role: 'agent',
        full_name: 'bob',
        is_active: true,
      },
      ...{ created_at: expect.any(String), admin_id: crm.ids.bolt, admin_username: 'bolt', admin_organization: 'Bolt' },
    });
    const own = (await crm.as('root').get(`/api/superadmin/admins/${crm.ids.bolt}/agents`)).json();
    expect(own).toMatchObject([{ username: 'bob', gate_slot: 11 }]);
    const stats = (await crm.as('root').get('/api/superadmin/stats')).json();
    expect(stats.total_agents).toBe(agents.length);
  });

  it('are deleted with everything that is theirs, also on the disk', async () => {
    const admin = await newAdmin(2);
    const agent = (await admin.client.post('/api/users/agents', someone())).json();
    const [own, theirs, other] = [await newCall(admin.id), await newCall(agent.id), await newCall(crm.ids.bolt)];
    await newLead(agent.id);
    await admin.client.post('/api/billing/request', { num_agents: 1 });
    await crm.as('root').post(`/api/superadmin/admins/${admin.id}/adjust-slots`, { slots_change: 1, reason: 'gift' });
    const answer = await crm.as('root').delete(`/api/superadmin/admins/${admin.id}`);
    expect(answer.json()).toEqual({ message: 'Admin deleted', deleted_agents: 1 });
    for (const table of ['call_sessions where session_id', 'recordings where call_id']) {
      expect(await count(`${table} in (?, ?, ?)`, own, theirs, other)).toBe(1);
    }
    expect(await count('users where id in (?, ?)', admin.id, agent.id)).toBe(0);
    expect(await count('payment_requests where admin_id = ?', admin.id)).toBe(0);
    const folders = await readdir(join(crm.dataDirectory, 'sessions'));
    expect([own, theirs, other].map((id) => folders.includes(id))).toEqual([false, false, true]);
    expect(await readdir(join(crm.dataDirectory, 'deleted'))).toEqual([]);
    expect((await admin.client.get('/api/auth/me')).statusCode).toBe(401);
    expect((await crm.as('root').delete(`/api/superadmin/admins/${admin.id}`)).statusCode).toBe(404);
  });

  it('keep their recordings when the deletion fails', async () => {
    const admin = await newAdmin(0);
    const call = await newCall(admin.id);
    await crm.sql(`create rule stay as on delete to users do instead select 1 / 0`);
    const answer = await crm.as('root').delete(`/api/superadmin/admins/${admin.id}`);
    await crm.sql('drop rule stay on users');
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(await readdir(join(crm.dataDirectory, 'sessions'))).toContain(call);
    expect(await count('call_sessions where session_id = ?', call)).toBe(1);
  });
});

it('administrative acts are in the audit log, with who did them', async () => {
  await crm.as('root').put(`/api/superadmin/admins/${crm.ids.idle}`, { first_name: 'Ida' });
  const [entry] = await crm.sql('select * from audit_entries order by id desc limit 1');
  expect(entry).toMatchObject({
    ...{ actor_id: crm.ids.root, actor_name: 'root', action: 'admin.changed', target_type: 'user' },
    ...{ target_id: String(crm.ids.idle), details: { username: 'idle', fields: ['firstName'] }, address: '127.0.0.1' },
  });
  const first = (await crm.operator.get('/api/v1/audit?limit=1')).json();
  expect(first.entries).toMatchObject([{ id: entry?.['id'], actorName: 'root', at: expect.stringMatching(/Z$/) }]);
  const next = (await crm.as('root').get(`/api/v1/audit?limit=1&cursor=${first.nextCursor}`)).json();
  expect(next.entries[0].id).toBeLessThan(first.entries[0].id);
  expect((await crm.as('acme').get('/api/v1/audit')).statusCode).toBe(403);
  expect(await count(`audit_entries where details::text like '%long enough%'`)).toBe(0);
});
