import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CALL_CONFIG_DEFAULTS } from '#domain/call-config.ts';
import { createLeadLookup } from '#persistence/lead-lookup.ts';
import { createCrmRig } from '../../fakes/crm-rig.ts';
import { createFakeOutbound, type FakeOutbound } from '../../fakes/outbound.fake.ts';

let outbound: FakeOutbound;
let crm: Awaited<ReturnType<typeof createCrmRig>>;

beforeAll(async () => {
  outbound = createFakeOutbound();
  crm = await createCrmRig(() => ({ outbound }));
});
beforeEach(() => {
  outbound.orders.length = 0;
  outbound.failure = null;
});
afterAll(() => crm.close());

describe('POST /api/make_call', () => {
  it('D1: places the call for whoever asks, with their slot and the whole call_config', async () => {
    const answer = await crm.as('anna').post('/api/make_call', {
      phone_number: '00359 888 123 456',
      call_config: { caller_name: 'Maria', greeting_instruction: 'Здравейте!', gemini_greeting: true },
      greeting_file: `greetings/greeting_bg_20251201_120423_${crm.ids.anna}.wav`,
    });
    expect(answer.statusCode).toBe(200);
    const [order] = outbound.orders;
    const config = {
      ...CALL_CONFIG_DEFAULTS,
      ...{ company_name: 'Acme', caller_name: 'Maria', greeting_instruction: 'Здравейте!', gemini_greeting: true },
    };
    expect(order).toMatchObject({
      number: '+359888123456',
      links: { ownerId: crm.ids.anna, leadId: null, campaignId: null },
      slot: 9,
      metadata: { call_config: config, greeting_file: null, greeting_transcript: null },
    });
    expect(answer.json()).toEqual({
      status: 'success',
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      phone_number: '+359888123456',
      message: 'Call started',
      custom_config: config,
    });
  });

  it('keeps a prepared greeting of the caller, and refuses that of another tenant', async () => {
    const greetingOf = (id: number) => ({
      phone_number: '+359888123456',
      greeting_file: `greetings/greeting_bg_20251201_120423_${id}.wav`,
    });
    expect((await crm.as('anna').post('/api/make_call', greetingOf(crm.ids.anna))).statusCode).toBe(200);
    expect(outbound.orders[0]?.metadata['greeting_file']).toBe(greetingOf(crm.ids.anna).greeting_file);
    const stolen = await crm.as('bob').post('/api/make_call', greetingOf(crm.ids.anna));
    expect([stolen.statusCode, stolen.json<{ code: string }>().code]).toEqual([400, 'greeting_file_unknown']);
  });

  it.each([
    ['no number', {}, 400],
    ['a number with letters', { phone_number: '12ab' }, 400],
    ['an unknown objective', { phone_number: '+359888123456', call_config: { call_objective: 'fraud' } }, 422],
  ])('refuses %s and places nothing', async (_, body, status) => {
    const answer = await crm.as('anna').post('/api/make_call', body);
    expect([answer.statusCode, typeof answer.json<{ detail: unknown }>().detail]).toEqual([status, 'string']);
    expect(outbound.orders).toEqual([]);
  });

  it('refuses who has no subscription, and who is nobody', async () => {
    const body = { phone_number: '+359888123456' };
    expect((await crm.as('ida').post('/api/make_call', body)).statusCode).toBe(403);
    expect((await crm.anonymous.post('/api/make_call', body)).statusCode).toBe(401);
  });

  it.each([
    ['slotMissing', 409],
    ['capacity', 429],
    ['unavailable', 503],
    ['notReady', 503],
  ] as const)('answers %s with %i', async (failure, status) => {
    outbound.failure = failure;
    const answer = await crm.as('anna').post('/api/make_call', { phone_number: '+359888123456' });
    expect(answer.statusCode).toBe(status);
  });
});

describe('the lead of a number', () => {
  const addLead = async (owner: number, number: string, updatedAt = '2026-01-01T00:00:00Z') => {
    const [row] = await crm.sql<{ id: number }>(
      'insert into leads (owner_id, phone, phone_e164, updated_at) values (?, ?, ?, ?) returning id',
      [owner, number.slice(4), number, updatedAt],
    );
    return row?.id ?? 0;
  };

  it('D6: is found by equality in the scope of the owner, the own one first', async () => {
    const find = createLeadLookup(crm.database);
    const number = '+359888000111';
    const other = await addLead(crm.ids.bob, number, '2026-05-01T00:00:00Z');
    expect(await find(number, crm.ids.anna)).toBeNull();
    const older = await addLead(crm.ids.anna, number);
    const newer = await addLead(crm.ids.ante, number, '2026-04-01T00:00:00Z');
    expect(await find(number, crm.ids.anna)).toBe(older);
    expect(await find(number, crm.ids.acme)).toBe(newer);
    expect(await find(number, crm.ids.bob)).toBe(other);
    expect(await find('+59888000111', crm.ids.anna)).toBeNull();
    expect(await find(number, null)).toBeNull();
  });
});
