import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
beforeAll(async () => {
  crm = await createCrmRig();
});
afterAll(() => crm.close());

type Row = Record<string, unknown> & { id: number; lead_id: number };

let serial = 0;
const newLead = async (who: PersonName, fields: object = {}): Promise<number> => {
  const phone = `+3598870${String((serial += 1)).padStart(5, '0')}`;
  return (await crm.as(who).post('/api/crm/leads', { phone, ...fields })).json().id;
};
const newCampaign = async (who: PersonName): Promise<number> =>
  (await crm.as(who).post('/api/crm/campaigns', { name: 'leads' })).json().id;

const add = (who: PersonName, campaign: number, ids: readonly unknown[], priority?: number) =>
  crm
    .as(who)
    .post(`/api/crm/campaigns/${campaign}/leads`, { lead_ids: ids, ...(priority !== undefined && { priority }) });
const filter = (who: PersonName, campaign: number, body: object) =>
  crm.as(who).post(`/api/crm/campaigns/${campaign}/leads/filter`, body);
const rows = async (campaign: number, query = ''): Promise<Row[]> =>
  (await crm.as('root').get(`/api/crm/campaigns/${campaign}/leads?per_page=1000${query}`)).json().campaign_leads;
const leadIds = async (campaign: number) => (await rows(campaign)).map((row) => row.lead_id);

describe('leads added by id', () => {
  test('are in the campaign once, however often they are added', async () => {
    const [campaign, one, two] = [await newCampaign('anna'), await newLead('anna'), await newLead('anna')];
    expect((await add('anna', campaign, [one, one])).json()).toEqual({
      status: 'success',
      leads_added: 1,
      campaign_id: campaign,
    });
    expect((await add('anna', campaign, [one, two])).json()).toMatchObject({ leads_added: 1 });
    expect((await add('anna', campaign, [])).json()).toMatchObject({ leads_added: 0 });
    const answers = await Promise.all(Array.from({ length: 8 }, async () => add('anna', campaign, [one, two])));
    expect(answers.map((answer) => answer.json().leads_added)).toEqual(Array(8).fill(0));
    expect(await leadIds(campaign)).toEqual([one, two]);
  });

  test('are shown with every field, in the order of priority and arrival', async () => {
    const campaign = await newCampaign('anna');
    const plain = await newLead('anna', { first_name: 'Maria', last_name: 'Petrova', country: 'Bulgaria' });
    const urgent = await newLead('anna');
    await add('anna', campaign, [plain]);
    await add('anna', campaign, [urgent], 5);
    const shown = (await crm.as('anna').get(`/api/crm/campaigns/${campaign}/leads?page=1&per_page=25`)).json();
    expect(shown).toMatchObject({ total: 2, page: 1, per_page: 25, total_pages: 1 });
    expect(shown.campaign_leads.map((row: Row) => [row.lead_id, row['priority']])).toEqual([
      [urgent, 5],
      [plain, 0],
    ]);
    expect(shown.campaign_leads[1]).toEqual({
      id: expect.any(Number),
      lead_id: plain,
      lead_name: 'Maria Petrova',
      lead_phone: expect.stringMatching(/^\+359887/),
      lead_country: 'Bulgaria',
      status: 'pending',
      priority: 0,
      call_attempts: 0,
      last_attempt_at: null,
      scheduled_for: null,
      call_session_id: null,
      call_duration: null,
      call_result: null,
      completed_at: null,
    });
  });

  test('show what they are until they are called, and what they were called as afterwards', async () => {
    const [campaign, waiting, called] = [await newCampaign('anna'), await newLead('anna'), await newLead('anna')];
    await add('anna', campaign, [waiting, called]);
    await crm.sql(`update campaign_leads set status = 'busy' where lead_id = ?`, [called]);
    const nameOf = async (lead: number) => (await rows(campaign)).find((row) => row.lead_id === lead)?.['lead_name'];
    const before = await nameOf(called);
    for (const lead of [waiting, called]) await crm.as('anna').put(`/api/crm/leads/${lead}`, { first_name: 'New' });
    expect(await nameOf(waiting)).toBe('New');
    expect(await nameOf(called)).toBe(before);
  });

  test('are all refused when one is of somebody else (403) or of nobody (404)', async () => {
    const [campaign, mine, foreign] = [await newCampaign('anna'), await newLead('anna'), await newLead('bob')];
    expect((await add('anna', campaign, [mine, foreign])).statusCode).toBe(403);
    expect((await add('anna', campaign, [mine, await newLead('ante')])).statusCode).toBe(403);
    expect((await add('anna', campaign, [mine, 2_000_000_000])).statusCode).toBe(404);
    expect((await add('root', campaign, [mine, foreign])).statusCode).toBe(403);
    expect((await add('anna', campaign, [mine, 'x'])).statusCode).toBe(422);
    expect((await add('anna', campaign, [mine, 3_000_000_000])).statusCode).toBe(422);
    expect((await crm.as('anna').post(`/api/crm/campaigns/${campaign}/leads`, {})).statusCode).toBe(422);
    expect(await leadIds(campaign)).toEqual([]);
    expect((await add('acme', campaign, [mine, await newLead('ante')])).json()).toMatchObject({ leads_added: 2 });
    expect((await add('root', await newCampaign('root'), [mine, foreign])).json()).toMatchObject({ leads_added: 2 });
  });

  test('are filtered by status', async () => {
    const [campaign, one, two] = [await newCampaign('anna'), await newLead('anna'), await newLead('anna')];
    await add('anna', campaign, [one, two]);
    await crm.sql(`update campaign_leads set status = 'no_answer' where lead_id = ?`, [one]);
    expect((await rows(campaign, '&status=no_answer')).map((row) => row.lead_id)).toEqual([one]);
    expect((await rows(campaign, '&status=pending')).map((row) => row.lead_id)).toEqual([two]);
    expect((await crm.as('anna').get(`/api/crm/campaigns/${campaign}/leads?status=nonsense`)).statusCode).toBe(422);
  });
});

describe('leads added by filter', () => {
  test('match a country by any of its names, the number of calls, and both', async () => {
    await crm.sql('delete from leads where owner_id = ?', [crm.ids.bob]);
    const usa = await newLead('bob', { country: 'united states' });
    const us = await newLead('bob', { country: 'US' });
    const uk = await newLead('bob', { country: 'Great Britain' });
    const other = await newLead('bob', { country: 'Atlantis' });
    const nowhere = await newLead('bob');
    await crm.sql('update leads set call_count = 3 where id = any(?::int[])', [`{${us},${other}}`]);
    const found = async (body: object) => {
      const campaign = await newCampaign('bob');
      const answer = await filter('bob', campaign, body);
      expect(answer.statusCode, answer.body).toBe(200);
      const ids = await leadIds(campaign);
      expect(answer.json()).toMatchObject({ status: 'success', leads_added: ids.length, campaign_id: campaign });
      return ids;
    };
    expect(await found({ countries: ['USA'] })).toEqual([usa, us]);
    expect(await found({ countries: ['USA', 'UK', 'Canada'] })).toEqual([usa, us, uk]);
    expect(await found({ countries: ['ATLANTIS'] })).toEqual([other]);
    expect(await found({ countries: [] })).toEqual([]);
    expect(await found({ countries: null, min_call_count: 1, max_call_count: null })).toEqual([us, other]);
    expect(await found({ min_call_count: 3, max_call_count: 3 })).toEqual([us, other]);
    expect(await found({ countries: ['USA'], never_called: true })).toEqual([usa]);
    expect(await found({ never_called: false, lead_types: ['hot'] })).toEqual([usa, us, uk, other, nowhere]);
  });

  test('say so when nothing matched, and add none twice', async () => {
    const campaign = await newCampaign('bob');
    await newLead('bob', { country: 'Spain' });
    expect((await filter('bob', campaign, { countries: ['Italy'] })).json()).toEqual({
      status: 'success',
      leads_added: 0,
      campaign_id: campaign,
      message: 'No leads match the filter',
    });
    expect((await filter('bob', campaign, { countries: ['Spain'] })).json()).toMatchObject({ leads_added: 1 });
    const again = (await filter('bob', campaign, { countries: ['Spain'] })).json();
    expect(again).toEqual({ status: 'success', leads_added: 0, campaign_id: campaign });
    expect((await filter('bob', campaign, { min_call_count: 1.5 })).statusCode).toBe(422);
  });

  test('are of the scope and of the tenant of the campaign, whoever asks', async () => {
    const [ofAnte, ofBob] = [await newLead('ante', { country: 'Malta' }), await newLead('bob', { country: 'Malta' })];
    const campaign = await newCampaign('anna');
    expect((await filter('anna', campaign, { countries: ['Malta'] })).json()).toMatchObject({ leads_added: 0 });
    expect((await filter('root', campaign, { countries: ['Malta'] })).json()).toMatchObject({ leads_added: 1 });
    expect(await leadIds(campaign)).toEqual([ofAnte]);
    expect(ofBob).toBeGreaterThan(0);
  });
});

describe('the counters of a campaign', () => {
  test('count each lead by its latest finished attempt, and add up', async () => {
    const campaign = await newCampaign('anna');
    const statuses = ['pending', 'answered', 'rejected', 'busy', 'no_answer', 'failed', 'in_call', 'completed'];
    for (const status of statuses) {
      const lead = await newLead('anna');
      await add('anna', campaign, [lead]);
      await crm.sql('update campaign_leads set status = ?, call_attempts = 1 where lead_id = ?', [status, lead]);
    }
    const counters = async () => {
      const { campaigns } = (await crm.as('anna').get('/api/crm/campaigns')).json();
      return campaigns.find(({ id }: Row) => id === campaign);
    };
    expect(await counters()).toMatchObject({
      total_leads: 8,
      leads_called: 5,
      leads_answered: 1,
      leads_rejected: 2,
      leads_failed: 2,
    });

    // One that waits for another attempt counts by the last one that is over.
    const [{ lead_id: lead } = { lead_id: 0 }] = await rows(campaign, '&status=pending');
    for (const [turn, status] of ['busy', 'no_answer', 'dialing'].entries()) {
      await crm.sql(
        `insert into call_sessions (session_id, direction, status, started_at, owner_id, campaign_id, lead_id)
         values (?, 'outbound', ?, now() + ? * interval '1 minute', ?, ?, ?)`,
        [`attempt-${turn}`, status, turn, crm.ids.anna, campaign, lead],
      );
    }
    expect(await counters()).toMatchObject({ total_leads: 8, leads_called: 6, leads_rejected: 2, leads_failed: 3 });
  });
});
