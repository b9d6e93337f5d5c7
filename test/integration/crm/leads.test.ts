import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
beforeAll(async () => {
  crm = await createCrmRig();
});
afterAll(() => crm.close());

type Lead = { id: number } & Record<string, unknown>;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let serial = 0;
const newPhone = () => `+3598880${String((serial += 1)).padStart(5, '0')}`;

const create = async (who: PersonName, fields: object = {}): Promise<Lead> => {
  const answer = await crm.as(who).post('/api/crm/leads', { phone: newPhone(), ...fields });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};

describe('a new lead', () => {
  test('belongs to the caller and is answered with every field, absent ones as null', async () => {
    const answer = await crm.as('anna').post('/api/crm/leads', {
      phone: '0888 123 456',
      country_code: '+359',
      first_name: 'Maria',
      last_name: 'Petrova',
      country: 'Bulgaria',
      gender: 'female',
      custom_data: { source: 'fair' },
      email: null,
      surprise: 1,
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      id: expect.any(Number),
      owner_id: crm.ids.anna,
      owner_name: 'anna',
      first_name: 'Maria',
      last_name: 'Petrova',
      email: null,
      phone: '888123456',
      country: 'Bulgaria',
      country_code: '+359',
      gender: 'female',
      address: null,
      notes: null,
      created_at: expect.stringMatching(TIME),
      updated_at: expect.stringMatching(TIME),
      last_called_at: null,
      call_count: 0,
      full_phone: '+359888123456',
      full_name: 'Maria Petrova',
    });
    const [row] = await crm.sql('select custom_data from leads where id = ?', [answer.json().id]);
    expect(row).toEqual({ custom_data: { source: 'fair' } });
  });

  test('is called by its names, else its e-mail address, else its number', async () => {
    expect(await create('anna', { last_name: 'Petrova' })).toMatchObject({ full_name: 'Petrova', gender: 'unknown' });
    expect(await create('anna', { email: 'm@example.com' })).toMatchObject({ full_name: 'm@example.com' });
    expect(await create('anna', { phone: '+359888999999' })).toMatchObject({ full_name: '+359888999999' });
  });

  test('may have the number of another one', async () => {
    const phone = newPhone();
    const [one, other] = [await create('anna', { phone }), await create('anna', { phone })];
    expect(one.id).not.toBe(other.id);
  });

  test('keeps any text, and refuses the one character that Postgres cannot store', async () => {
    const name = 'Мария 👩‍💼 "O\'Hara"; drop table leads --';
    expect(await create('anna', { first_name: name })).toMatchObject({ first_name: name });
    expect(await create('anna', { first_name: 'a\ud800', custom_data: { k: '\udc00' } })).toMatchObject({
      first_name: 'a\ufffd',
    });
    const answer = await crm.as('anna').post('/api/crm/leads', { phone: newPhone(), first_name: 'a\u0000b' });
    expect(answer.statusCode).toBe(422);
  });

  test.each<[object, string]>([
    [{}, 'phone'],
    [{ phone: '' }, 'phone'],
    [{ phone: null }, 'phone'],
    [{ phone: 359888123456 }, 'phone'],
    [{ phone: '12ab', country_code: '+359' }, 'phone'],
    [{ phone: '888123456' }, 'phone'],
    [{ phone: '888123456', country_code: '+999' }, 'phone'],
    [{ phone: '+359888123456', gender: 'xx' }, 'gender'],
    [{ phone: '+359888123456', notes: 'x'.repeat(20_001) }, 'notes'],
    [{ phone: '+359888123456', custom_data: [] }, 'custom_data'],
  ])('%j is refused with 422 and the name of the field', async (body, field) => {
    const answer = await crm.as('anna').post('/api/crm/leads', body);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining(field), errors: [{ field }] });
  });

  test('with data nested deeper than can be kept is refused', async () => {
    const body = `{"phone":"+359888123456","custom_data":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`;
    const answer = await crm.app.inject({
      method: 'POST',
      url: '/api/crm/leads',
      headers: { authorization: `Bearer ${crm.tokens.anna}`, 'content-type': 'application/json' },
      payload: body,
    });
    expect(answer.statusCode).toBe(422);
  });

  test('needs a live subscription', async () => {
    const answer = await crm.as('ida').post('/api/crm/leads', { phone: newPhone() });
    expect(answer.statusCode).toBe(403);
    expect((await crm.anonymous.post('/api/crm/leads', { phone: newPhone() })).statusCode).toBe(401);
  });
});

describe('the list of leads', () => {
  test('is paged, newest first, and empty past its end', async () => {
    const ids = [];
    for (let made = 0; made < 5; made += 1) ids.unshift((await create('bob', { country: 'Chile' })).id);
    const first = (await crm.as('bob').get('/api/crm/leads?page=1&per_page=2&country=Chile')).json();
    expect(first).toMatchObject({ total: 5, page: 1, per_page: 2, total_pages: 3 });
    expect(first.leads.map((lead: Lead) => lead.id)).toEqual(ids.slice(0, 2));
    expect((await crm.as('bob').get('/api/crm/leads?page=3&per_page=2&country=Chile')).json().leads).toHaveLength(1);
    const past = await crm.as('bob').get('/api/crm/leads?page=999999999999999&per_page=1000&country=Chile');
    expect(past.json()).toEqual({ leads: [], total: 5, page: 999999999999999, per_page: 1000, total_pages: 1 });
    expect((await crm.as('bob').get('/api/crm/leads?country=Atlantis')).json()).toEqual({
      leads: [],
      total: 0,
      page: 1,
      per_page: 50,
      total_pages: 0,
    });
  });

  test('shows an agent its own, an admin those of its agents as well, a superadmin all', async () => {
    await create('anna', { country: 'Peru' });
    await create('acme', { country: 'Peru' });
    await create('bob', { country: 'Peru' });
    const seenBy = async (who: PersonName) =>
      (await crm.as(who).get('/api/crm/leads?country=Peru')).json().leads.map((lead: Lead) => lead['owner_name']);
    expect(await seenBy('anna')).toEqual(['anna']);
    expect(await seenBy('ante')).toEqual([]);
    expect(await seenBy('acme')).toEqual(['acme', 'anna']);
    expect(await seenBy('root')).toEqual(['bob', 'acme', 'anna']);
  });

  test.each(['page=0', 'page=x', 'per_page=0', 'per_page=1001', 'page=1.5'])('refuses %s', async (query) => {
    expect((await crm.as('anna').get(`/api/crm/leads?${query}`)).statusCode).toBe(422);
  });
});

describe('one lead', () => {
  test.each(['get', 'put', 'delete'] as const)('%s: 404 for none, 403 for one of somebody else', async (method) => {
    const { id } = await create('bob');
    const ask = (who: PersonName, path: string) => crm.as(who)[method](`/api/crm/leads/${path}`, undefined as never);
    expect((await ask('anna', '2000000000')).statusCode).toBe(404);
    expect((await ask('anna', String(id))).statusCode).toBe(403);
    expect((await ask('acme', String(id))).statusCode).toBe(403);
    expect((await ask('anna', 'abc')).statusCode).toBe(422);
    expect((await ask('anna', '99999999999999999999')).statusCode).toBe(422);
    expect((await ask('bolt', String(id))).statusCode).toBe(200);
  });

  test('read and written back as it is keeps its number', async () => {
    for (const phone of ['+359888123456', '+39066982000', '+2250709123456', '+15551234', '+36301234567']) {
      const { id, ...lead } = await create('anna', { phone });
      const again = await crm.as('anna').put(`/api/crm/leads/${id}`, lead);
      expect(again.json()).toMatchObject({
        full_phone: phone,
        phone: lead['phone'],
        country_code: lead['country_code'],
      });
    }
  });

  test('keeps what is not sent or null, clears what is empty, and knows when it was changed', async () => {
    const { id, updated_at: before } = await create('anna', {
      first_name: 'Maria',
      notes: 'calls back',
      country: 'Bulgaria',
    });
    await crm.sql(`update leads set updated_at = updated_at - interval '1 hour' where id = ?`, [id]);
    const answer = await crm
      .as('acme')
      .put(`/api/crm/leads/${id}`, { first_name: null, notes: '', last_name: 'Ivanova' });
    expect(answer.json()).toMatchObject({
      first_name: 'Maria',
      notes: null,
      last_name: 'Ivanova',
      country: 'Bulgaria',
    });
    expect(Date.parse(answer.json().updated_at)).toBeGreaterThanOrEqual(Date.parse(String(before)));
  });

  test('takes a new number nationally by its own code, and any number with a code of its own', async () => {
    const { id } = await create('anna', { phone: '+359888123456' });
    const put = async (body: object) => (await crm.as('anna').put(`/api/crm/leads/${id}`, body)).json().full_phone;
    expect(await put({ phone: '0888 999 888' })).toBe('+359888999888');
    expect(await put({ country_code: '+44' })).toBe('+44888999888');
    expect(await put({ phone: '+1 202 555 0123', country_code: '+44' })).toBe('+12025550123');
    expect(await put({ phone: '0888111222', country_code: '', country: 'Bulgaria' })).toBe('+359888111222');
    expect((await crm.as('anna').put(`/api/crm/leads/${id}`, { phone: '' })).statusCode).toBe(422);
    expect((await crm.as('anna').put(`/api/crm/leads/${id}`, { phone: 'abc' })).statusCode).toBe(422);
  });

  test('that is deleted leaves the queues of its campaigns, its finished rows and its calls stay', async () => {
    const { id } = await create('anna', { first_name: 'Ivan' });
    const [campaigns] = await crm.sql<{ waiting: number; done: number }>(
      `with made as (insert into campaigns (owner_id, name) values (?, 'a'), (?, 'b') returning id)
       select min(id) as waiting, max(id) as done from made`,
      [crm.ids.anna, crm.ids.anna],
    );
    const { waiting = 0, done = 0 } = campaigns ?? {};
    await crm.as('anna').post(`/api/crm/campaigns/${waiting}/leads`, { lead_ids: [id] });
    await crm.as('anna').post(`/api/crm/campaigns/${done}/leads`, { lead_ids: [id] });
    await crm.sql(`update campaign_leads set status = 'answered', call_attempts = 1 where campaign_id = ?`, [done]);
    await crm.sql(
      `insert into call_sessions (session_id, direction, status, started_at, owner_id, lead_id) values ('of-a-deleted-lead', 'outbound', 'answered', now(), ?, ?)`,
      [crm.ids.anna, id],
    );

    const answer = await crm.as('anna').delete(`/api/crm/leads/${id}`);
    expect(answer.json()).toEqual({ status: 'success', message: 'Lead deleted' });
    expect((await crm.as('anna').get(`/api/crm/leads/${id}`)).statusCode).toBe(404);
    expect((await crm.as('anna').get(`/api/crm/campaigns/${waiting}/leads`)).json().total).toBe(0);
    const rows = (await crm.as('anna').get(`/api/crm/campaigns/${done}/leads`)).json();
    expect(rows).toMatchObject({ total: 1, campaign_leads: [{ lead_id: id, lead_name: 'Ivan', status: 'answered' }] });
    const [call] = await crm.sql(`select lead_id from call_sessions where session_id = 'of-a-deleted-lead'`);
    expect(call).toEqual({ lead_id: null });
    expect((await create('anna')).id).toBeGreaterThan(id);
  });
});
