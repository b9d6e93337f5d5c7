import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { OFFICE_ENV, openCampaignOffice, type CampaignOffice } from '../../fixtures/system/campaign-office.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { openScriptedCallees, type ScriptedCallees } from '../../fixtures/system/scripted-callees.ts';

let trunkline: TestSystem;
let office: CampaignOffice;
let api: OutboundApi;
let callees: ScriptedCallees;
let trunkId = 0;

beforeAll(async () => {
  trunkline = await startTestSystem({ env: OFFICE_ENV });
  office = await openCampaignOffice(trunkline);
  api = createOutboundApi(trunkline);
});
beforeEach(async () => {
  callees = await openScriptedCallees(trunkline.sip.port);
  trunkId = await api.addTrunk(callees);
});
afterEach(async () => {
  await api.removeTrunk(trunkId);
  await callees.close();
});
afterAll(() => trunkline.stop());

const numbers = (count: number) => Array.from({ length: count }, newNumber);

it('D2, D5: each lead ends as its callee has it, one row for each attempt, and the counters are those of the rows', async () => {
  const [answers, busy, rings, wrong, rejects, talks] = numbers(6);
  callees.script(busy ?? '', 486, 'answer');
  callees.script(rings ?? '', 'ring', 480);
  callees.script(wrong ?? '', 404);
  callees.script(rejects ?? '', 603);
  const all = [answers, busy, rings, wrong, rejects, talks].map((number) => number ?? '');
  const id = await office.campaign(
    all,
    { concurrent_calls: 2, retry_attempts: 1, ring_seconds: 5 },
    { bot_config: { call_config: {} } },
  );
  await office.order(id, 'start');
  await office.untilStatus(id, 'completed');

  const rows = await office.leadsOf(id);
  expect(rows.map(({ lead_phone, status, call_attempts }) => [lead_phone, status, call_attempts])).toEqual([
    [answers, 'answered', 1],
    [busy, 'answered', 2],
    [rings, 'no_answer', 2],
    [wrong, 'failed', 1],
    [rejects, 'rejected', 1],
    [talks, 'answered', 1],
  ]);
  expect(await office.find(id)).toMatchObject({
    ...{ total_leads: 6, leads_called: 6, leads_answered: 3, leads_rejected: 1, leads_failed: 2 },
  });
  expect(callees.incoming).toHaveLength(8);
  expect(callees.peak).toBeLessThanOrEqual(2);
  for (const row of rows) {
    const calls = await trunkline.rowsOf(row.lead_phone);
    expect(calls).toHaveLength(row.call_attempts);
    expect(calls.map(({ callId }) => callId)).toContain(row.call_session_id);
    expect(await office.lead(row.lead_id)).toMatchObject({
      ...{ call_count: row.call_attempts, last_called_at: expect.any(String) },
    });
  }
});

it('D2: a pause is obeyed within a second, and calls in progress go on; a stop alike', async () => {
  const all = numbers(6);
  for (const number of all) callees.script(number, 'talk');
  const id = await office.campaign(all, { concurrent_calls: 2 });
  await office.order(id, 'start');
  await vi.waitFor(() => expect(callees.talking).toBe(2), PATIENCE);
  await office.order(id, 'pause');
  callees.hangUpAll();
  await vi.waitFor(async () => {
    const done = (await office.leadsOf(id)).filter(({ status }) => status === 'answered');
    expect(done).toHaveLength(2);
  }, PATIENCE);
  expect(callees.incoming).toHaveLength(2);

  await office.order(id, 'start');
  await vi.waitFor(() => expect(callees.talking).toBe(2), PATIENCE);
  await office.order(id, 'stop');
  callees.hangUpAll();
  await vi.waitFor(async () => {
    const states = (await office.leadsOf(id)).map(({ status }) => status);
    expect(states.filter((status) => status === 'answered')).toHaveLength(4);
    expect(states.filter((status) => status === 'pending')).toHaveLength(2);
  }, PATIENCE);
  expect(callees.incoming).toHaveLength(4);
  expect((await office.find(id)).status).toBe('cancelled');
});

it('C13: with one channel on the trunk one call at a time is placed, and no attempt is lost by waiting', async () => {
  await api.changeTrunk(trunkId, { capacity: 1 });
  const id = await office.campaign(numbers(3), { concurrent_calls: 3 });
  await office.order(id, 'start');
  await office.untilStatus(id, 'completed');
  expect((await office.leadsOf(id)).map(({ status, call_attempts }) => [status, call_attempts])).toEqual(
    Array.from({ length: 3 }, () => ['answered', 1]),
  );
  expect(callees.peak).toBe(1);
});

it('C16: a call that our side ends counts as answered, and the campaign goes on at once', async () => {
  const [first, second] = numbers(2).map(String);
  callees.script(first ?? '', 'talk');
  const id = await office.campaign([first ?? '', second ?? ''], { concurrent_calls: 1 });
  await office.order(id, 'start');
  const { callId } = await trunkline.untilState(first ?? '', 'talking');
  await trunkline.post(`/api/v1/calls/${callId}/hangup`);
  await office.untilStatus(id, 'completed');
  expect((await office.leadsOf(id)).map(({ status, call_attempts }) => [status, call_attempts])).toEqual([
    ['answered', 1],
    ['answered', 1],
  ]);
});
