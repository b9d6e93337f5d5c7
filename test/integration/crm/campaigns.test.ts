import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
beforeAll(async () => {
  crm = await createCrmRig();
});
afterAll(() => crm.close());

type Shown = { id: number } & Record<string, unknown>;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const create = async (who: PersonName, fields: object = {}): Promise<Shown> => {
  const answer = await crm.as(who).post('/api/crm/campaigns', { name: 'December', ...fields });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};

const newLead = async (who: PersonName) =>
  (await crm.as(who).post('/api/crm/leads', { phone: '+359888123456' })).json().id as number;

const withLead = async (who: PersonName, fields: object = {}): Promise<number> => {
  const { id } = await create(who, fields);
  await crm.as(who).post(`/api/crm/campaigns/${id}/leads`, { lead_ids: [await newLead(who)] });
  return id;
};

const show = async (id: number) => (await crm.as('root').get(`/api/crm/campaigns/${id}`)).json();

describe('a new campaign', () => {
  test('is a draft of the caller with every field, and the defaults in its configuration', async () => {
    expect(await create('anna')).toEqual({
      id: expect.any(Number),
      owner_id: crm.ids.anna,
      owner_name: 'anna',
      name: 'December',
      description: null,
      status: 'draft',
      bot_config: { greeting_delay: 1, max_call_duration: 300, voice_speed: 1 },
      dialing_config: { concurrent_calls: 1, retry_attempts: 2 },
      schedule_config: {},
      total_leads: 0,
      leads_called: 0,
      leads_answered: 0,
      leads_rejected: 0,
      leads_failed: 0,
      created_at: expect.stringMatching(TIME),
      updated_at: expect.stringMatching(TIME),
      started_at: null,
      completed_at: null,
    });
  });

  test('keeps keys that are not known, and takes null for the default', async () => {
    const campaign = await create('anna', {
      description: '',
      bot_config: { greeting_delay: null, mood: { a: 'б' } },
      dialing_config: { concurrent_calls: 10, wait_between_calls: 0, other: [1, null] },
      schedule_config: { days: ['mon'], until: null },
    });
    expect(campaign).toMatchObject({
      description: null,
      bot_config: { greeting_delay: 1, max_call_duration: 300, voice_speed: 1, mood: { a: 'б' } },
      dialing_config: { concurrent_calls: 10, retry_attempts: 2, wait_between_calls: 0, other: [1, null] },
      schedule_config: { days: ['mon'], until: null },
    });
  });

  test.each<[object]>([
    [{ name: '' }],
    [{ name: '  ' }],
    [{ name: null }],
    [{ bot_config: { greeting_delay: 11 } }],
    [{ bot_config: { max_call_duration: 29 } }],
    [{ bot_config: { voice_speed: 'fast' } }],
    [{ bot_config: { answering_machine: 'shout' } }],
    [{ bot_config: { call_config: { voice_name: 'Nobody' } } }],
    [{ bot_config: [] }],
    [{ dialing_config: { concurrent_calls: 0 } }],
    [{ dialing_config: { concurrent_calls: 1.5 } }],
    [{ dialing_config: { retry_attempts: 11 } }],
    [{ dialing_config: { wait_between_calls: 3601 } }],
  ])('with %j is refused with 422', async (fields) => {
    const answer = await crm.as('anna').post('/api/crm/campaigns', { name: 'x', ...fields });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().detail).toEqual(expect.any(String));
  });

  test('needs a live subscription', async () => {
    expect((await crm.as('idle').post('/api/crm/campaigns', { name: 'x' })).statusCode).toBe(403);
  });
});

describe('the list of campaigns', () => {
  test('is newest first, of the scope, and filtered by status', async () => {
    const [one, two] = [await create('bob', { name: 'one' }), await create('bob', { name: 'two' })];
    await crm.as('bob').put(`/api/crm/campaigns/${one.id}`, { status: 'ready' });
    const list = async (who: PersonName, query = '') =>
      (await crm.as(who).get(`/api/crm/campaigns${query}`)).json().campaigns.map(({ id }: Shown) => id);
    expect(await list('bob')).toEqual([two.id, one.id]);
    expect(await list('bolt', '?status=ready')).toEqual([one.id]);
    expect(await list('anna')).not.toContain(one.id);
    expect(await list('root')).toEqual(expect.arrayContaining([one.id, two.id]));
    expect((await crm.as('bob').get('/api/crm/campaigns?status=nonsense')).statusCode).toBe(422);
  });
});

describe('an edit', () => {
  test('merges the configuration key by key, so that the call_config stays', async () => {
    const id = await withLead('anna');
    await crm
      .as('anna')
      .post(`/api/crm/campaigns/${id}/start`, { call_config: { caller_name: 'Maria', voice_name: null } });
    const { bot_config: stored } = await show(id);
    expect(stored.call_config).toEqual({ caller_name: 'Maria' });
    const answer = await crm.as('acme').put(`/api/crm/campaigns/${id}`, {
      name: 'January',
      bot_config: { greeting_delay: 0, max_call_duration: 60 },
      dialing_config: { retry_attempts: 0 },
      username: 'ignored',
    });
    expect(answer.json()).toMatchObject({
      name: 'January',
      bot_config: { greeting_delay: 0, max_call_duration: 60, voice_speed: 1, call_config: { caller_name: 'Maria' } },
      dialing_config: { concurrent_calls: 1, retry_attempts: 0 },
    });
  });

  test('may switch between draft and ready only', async () => {
    const { id } = await create('anna');
    const put = async (status: string) => (await crm.as('anna').put(`/api/crm/campaigns/${id}`, { status })).statusCode;
    expect(await put('ready')).toBe(200);
    expect(await put('draft')).toBe(200);
    expect(await put('running')).toBe(400);
    expect(await put('completed')).toBe(400);
    expect(await put('nonsense')).toBe(422);
    await crm.sql(`update campaigns set status = 'cancelled' where id = ?`, [id]);
    expect(await put('draft')).toBe(400);
    expect(await put('cancelled')).toBe(200);
  });

  test('is lost by nobody when many are made at once', async () => {
    const { id } = await create('anna');
    const keys = Array.from({ length: 12 }, (_, turn) => `key${turn}`);
    await Promise.all(
      keys.map((key) => crm.as('anna').put(`/api/crm/campaigns/${id}`, { schedule_config: { [key]: 1 } })),
    );
    expect((await show(id)).schedule_config).toEqual(Object.fromEntries(keys.map((key) => [key, 1])));
  });
});

describe('one campaign', () => {
  const ROUTES = [
    ['get', ''],
    ['put', ''],
    ['delete', ''],
    ['get', '/leads'],
    ['post', '/leads'],
    ['post', '/leads/filter'],
    ['post', '/start'],
    ['post', '/pause'],
    ['post', '/stop'],
  ] as const;
  test.each(ROUTES)('%s %s: 404 for none, 403 for one of somebody else', async (method, path) => {
    const { id } = await create('bob');
    const ask = (who: PersonName, which: number) =>
      crm.as(who)[method](`/api/crm/campaigns/${which}${path}`, path === '/leads' ? { lead_ids: [] } : {});
    expect((await ask('anna', 2_000_000_000)).statusCode).toBe(404);
    expect((await ask('anna', id)).statusCode).toBe(403);
    expect((await ask('acme', id)).statusCode).toBe(403);
    expect((await show(id)).status).toBe('draft');
  });

  test('can be deleted unless it is running; its calls stay without it', async () => {
    const id = await withLead('anna');
    await crm.as('anna').post(`/api/crm/campaigns/${id}/start`);
    expect((await crm.as('anna').delete(`/api/crm/campaigns/${id}`)).statusCode).toBe(409);
    await crm.as('anna').post(`/api/crm/campaigns/${id}/pause`);
    await crm.sql(
      `insert into call_sessions (session_id, direction, status, started_at, owner_id, campaign_id) values ('of-a-campaign', 'outbound', 'answered', now(), ?, ?)`,
      [crm.ids.anna, id],
    );
    expect((await crm.as('anna').delete(`/api/crm/campaigns/${id}`)).json()).toEqual({
      status: 'success',
      message: 'Campaign deleted',
    });
    expect(await crm.sql('select id from campaign_leads where campaign_id = ?', [id])).toEqual([]);
    expect(await crm.sql(`select campaign_id from call_sessions where session_id = 'of-a-campaign'`)).toEqual([
      { campaign_id: null },
    ]);
  });
});

describe('start, pause and stop', () => {
  const order = (who: PersonName, id: number, verb: string, body?: object) =>
    crm.as(who).post(`/api/crm/campaigns/${id}/${verb}`, body);

  test('a started campaign runs, and keeps its call_config', async () => {
    const id = await withLead('anna');
    const answer = await order('anna', id, 'start', {});
    expect(answer.json()).toEqual({
      status: 'success',
      campaign_id: id,
      message: 'Campaign started',
      total_leads: 1,
      has_call_config: false,
    });
    expect(await show(id)).toMatchObject({ status: 'running', started_at: expect.stringMatching(TIME) });
    expect((await order('anna', id, 'start')).statusCode).toBe(400);
    expect((await order('anna', id, 'pause')).json()).toEqual({ status: 'success', message: 'Campaign paused' });
    const again = await order('anna', id, 'start', {
      call_config: { call_objective: 'survey', gemini_greeting: true },
    });
    expect(again.json()).toMatchObject({ has_call_config: true });
    await order('anna', id, 'pause');
    expect((await order('anna', id, 'start', {})).json()).toMatchObject({ has_call_config: true });
    expect((await show(id)).bot_config.call_config).toEqual({ call_objective: 'survey', gemini_greeting: true });
  });

  test('a stopped campaign is cancelled for good', async () => {
    const id = await withLead('anna');
    expect((await order('anna', id, 'stop')).statusCode).toBe(200);
    expect(await show(id)).toMatchObject({ status: 'cancelled', completed_at: expect.stringMatching(TIME) });
    for (const verb of ['start', 'pause', 'stop']) expect((await order('anna', id, verb)).statusCode).toBe(400);
  });

  test('no start without leads, no pause of what does not run, no enum value that is unknown', async () => {
    const { id } = await create('anna');
    expect((await order('anna', id, 'start')).json()).toMatchObject({ code: 'no_leads' });
    expect((await order('anna', id, 'pause')).statusCode).toBe(400);
    const bad = await order('anna', id, 'start', { call_config: { call_urgency: 'asap' } });
    expect(bad.statusCode).toBe(422);
    expect((await show(id)).status).toBe('draft');
  });

  test('of many starts at once one is obeyed', async () => {
    const id = await withLead('anna');
    const answers = await Promise.all(Array.from({ length: 10 }, () => order('anna', id, 'start')));
    expect(answers.map(({ statusCode }) => statusCode).filter((status) => status !== 400)).toEqual([200]);
  });

  test('pause and stop work without a subscription, start does not', async () => {
    const id = await withLead('acme');
    await order('acme', id, 'start');
    await crm.sql(`update users set subscription_end_date = now() - interval '1 day' where id = ?`, [crm.ids.acme]);
    expect((await order('acme', id, 'pause')).statusCode).toBe(200);
    expect((await order('acme', id, 'start')).statusCode).toBe(403);
    expect((await order('acme', id, 'stop')).statusCode).toBe(200);
    await crm.sql(`update users set subscription_end_date = now() + interval '1 day' where id = ?`, [crm.ids.acme]);
  });
});

test('the native API tells the outcomes of a campaign to whoever may see it', async () => {
  const id = await withLead('anna');
  const path = `/api/v1/campaigns/${id}`;
  expect((await crm.as('anna').get(path)).json()).toEqual({
    ...{ id, name: 'December', status: 'draft', abandonmentRate: null },
    outcomes: {
      leads: { pending: 1, inProgress: 0, answered: 0, rejected: 0, busy: 0, noAnswer: 0, failed: 0 },
      ...{ attempts: 0, answeredBy: { people: 0, machines: 0, screeners: 0 }, abandoned: 0 },
    },
  });
  expect((await crm.as('bolt').get(path)).statusCode).toBe(403);
  expect((await crm.as('root').get('/api/v1/campaigns/999999')).statusCode).toBe(404);
});
