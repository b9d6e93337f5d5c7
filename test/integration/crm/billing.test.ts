import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrmRig, type CrmRig } from '../../fakes/crm-rig.ts';

let crm: CrmRig;

beforeAll(async () => {
  crm = await createCrmRig();
});

afterAll(() => crm.close());

const DAY_MS = 86_400_000;
const ask = (name: 'acme' | 'bolt' | 'idle', numAgents: unknown, notes?: string) =>
  crm.as(name).post('/api/billing/request', { num_agents: numAgents, payment_notes: notes });
const decide = (id: number, decision: 'approve' | 'reject', body?: object) =>
  crm.as('root').post(`/api/superadmin/payment-requests/${id}/${decision}`, body);

describe('payment requests', () => {
  it('are made by an admin without subscription, and give slots and 30 days when approved', async () => {
    const made = (await ask('idle', 2, ' paid ')).json();
    expect(made).toEqual({
      ...{ id: expect.any(Number), admin_id: crm.ids.idle, admin_username: 'idle', admin_organization: 'Idle' },
      ...{ num_agents: 2, total_amount: 600, status: 'pending', payment_notes: 'paid', admin_notes: null },
      ...{ created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/), approved_at: null },
    });
    const [listed] = (await crm.as('root').get('/api/superadmin/payment-requests')).json();
    expect(listed).toEqual({ ...made, admin_email: 'idle@example.com', current_agents: 1, max_agents: 5 });
    const blocked = await crm.as('ida').post('/api/crm/leads', { phone: '+359888123456' });
    expect([blocked.statusCode, blocked.json().code]).toEqual([403, 'subscription_inactive']);

    const answer = (await decide(made.id, 'approve')).json();
    expect(answer).toMatchObject({ message: expect.any(String), new_max_agents: 7 });
    const days = (Date.parse(answer.subscription_end_date) - Date.now()) / DAY_MS;
    expect(Math.round(days)).toBe(30);
    const info = (await crm.as('idle').get('/api/billing/info')).json();
    expect(info).toMatchObject({ max_agents: 7, available_slots: 6, is_subscription_active: true, days_remaining: 29 });
    expect((await crm.as('ida').post('/api/crm/leads', { phone: '+359888123456' })).statusCode).toBe(200);
    expect((await decide(made.id, 'approve')).statusCode).toBe(400);
    expect((await decide(made.id, 'reject')).statusCode).toBe(400);
  });

  it('prolong a subscription that still runs from its end', async () => {
    const [before] = await crm.sql<{ end: number }>(
      `select extract(epoch from subscription_end_date)::float8 as end from users where username = 'acme'`,
    );
    const { id } = (await ask('acme', 1)).json();
    const { subscription_end_date: end } = (await decide(id, 'approve', { admin_notes: null })).json();
    expect(Date.parse(end)).toBe(Math.round((before?.end ?? 0) * 1_000) + 30 * DAY_MS);
  });

  it('are pending one at a time, also when two come at once', async () => {
    const answers = await Promise.all([ask('bolt', 1), ask('bolt', 2), ask('bolt', 3)]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 400, 400]);
    const id = answers.find(({ statusCode }) => statusCode === 200)?.json().id;
    expect((await decide(id, 'reject', { admin_notes: 'no money came' })).json()).toEqual({
      message: expect.any(String),
    });
    const [rejected] = (await crm.as('bolt').get('/api/billing/requests')).json();
    expect(rejected).toMatchObject({ id, status: 'rejected', admin_notes: 'no money came', approved_at: null });
    expect((await ask('bolt', 1)).statusCode).toBe(200);
  });

  it('are approved once, also when two superadmins do it at once', async () => {
    const { id } = (await ask('acme', 3)).json();
    const before = (await crm.as('acme').get('/api/billing/info')).json().max_agents;
    const answers = await Promise.all([decide(id, 'approve'), decide(id, 'approve')]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 400]);
    expect((await crm.as('acme').get('/api/billing/info')).json().max_agents).toBe(before + 3);
  });

  it('are listed pending first, then newest first', async () => {
    const all = (await crm.as('root').get('/api/superadmin/payment-requests')).json();
    const states = all.map(({ status }: { status: string }) => status === 'pending');
    expect(states).toEqual(states.toSorted((a: boolean, b: boolean) => Number(b) - Number(a)));
    const decided = all
      .filter(({ status }: { status: string }) => status !== 'pending')
      .map(({ id }: { id: number }) => id);
    expect(decided).toEqual(decided.toSorted((a: number, b: number) => b - a));
  });

  it.each([0, -1, 1.5, '2', null, 1e9])('for %s agents are 422', async (wanted) => {
    const answer = await ask('idle', wanted);
    expect([answer.statusCode, typeof answer.json().detail]).toEqual([422, 'string']);
  });

  it('of an unknown id are 404', async () => {
    expect((await decide(2_000_000_000, 'approve')).statusCode).toBe(404);
    expect((await decide(2_000_000_000, 'reject')).statusCode).toBe(404);
  });
});

describe('slots', () => {
  const adjust = (change: unknown, reason = 'refund') =>
    crm.as('root').post(`/api/superadmin/admins/${crm.ids.bolt}/adjust-slots`, { slots_change: change, reason });

  it('are changed with a reason that both sides can read', async () => {
    expect((await adjust(-1)).json()).toEqual({
      ...{ message: expect.any(String), previous_max_agents: 5, new_max_agents: 4, slots_change: -1, reason: 'refund' },
    });
    const own = (await crm.as('bolt').get('/api/billing/slot-adjustments')).json();
    expect(own).toEqual([
      {
        ...{
          id: expect.any(Number),
          admin_id: crm.ids.bolt,
          adjusted_by_id: crm.ids.root,
          adjusted_by_username: 'root',
        },
        ...{ slots_change: -1, reason: 'refund', previous_max_agents: 5, new_max_agents: 4 },
        created_at: expect.stringMatching(/Z$/),
      },
    ]);
    const url = `/api/superadmin/admins/${crm.ids.bolt}/slot-adjustments`;
    expect((await crm.as('root').get(url)).json()).toEqual(own);
    expect((await crm.as('acme').get('/api/billing/slot-adjustments')).json()).toEqual([]);
  });

  it('may be fewer than there are agents, but never fewer than none', async () => {
    expect((await adjust(-5)).statusCode).toBe(400);
    expect((await adjust(-4)).statusCode).toBe(200);
    const info = (await crm.as('bolt').get('/api/billing/info')).json();
    expect(info).toMatchObject({ current_agents: 1, max_agents: 0, available_slots: 0 });
    expect((await crm.as('bob').get('/api/auth/me')).statusCode).toBe(200);
    expect((await adjust(4)).statusCode).toBe(200);
  });

  it.each([
    [0, 'reason'],
    [1.5, 'reason'],
    ['1', 'reason'],
    [1, 'no'],
    [1, '   '],
  ])('%s with "%s" are 422', async (change, reason) => {
    const answer = await adjust(change, reason);
    expect([answer.statusCode, typeof answer.json().detail]).toEqual([422, 'string']);
  });
});

describe('the payment wallet', () => {
  const url = '/api/superadmin/settings/payment-wallet';
  const set = (address: unknown) => crm.as('root').post(url, { wallet_address: address });

  it('is set, shown to admins, and unset', async () => {
    expect((await crm.as('root').get(url)).json()).toEqual({ wallet_address: null });
    expect((await set(' 0xabc ')).json()).toEqual({ message: expect.any(String), wallet_address: '0xabc' });
    expect((await crm.as('acme').get('/api/billing/info')).json().payment_wallet).toBe('0xabc');
    expect((await set('https://pay.example/acme')).statusCode).toBe(200);
    expect((await set('')).statusCode).toBe(200);
    expect((await crm.as('root').get(url)).json()).toEqual({ wallet_address: null });
  });

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    '\u0001javascript:x',
  ])('never runs code: %j', async (address) => {
    expect((await set(address)).statusCode).toBe(422);
  });
});

it('billing is for admins, its decisions are for superadmins', async () => {
  for (const name of ['root', 'anna'] as const) {
    for (const path of ['info', 'requests', 'slot-adjustments']) {
      expect((await crm.as(name).get(`/api/billing/${path}`)).statusCode).toBe(403);
    }
  }
  for (const name of ['acme', 'anna'] as const) {
    for (const path of ['stats', 'admins', 'agents', 'payment-requests', 'settings/payment-wallet']) {
      expect((await crm.as(name).get(`/api/superadmin/${path}`)).statusCode).toBe(403);
    }
  }
});
