/** The application is killed twice in the middle of a campaign, and Postgres once. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OFFICE_ENV, openCampaignOffice, type CampaignOffice } from '../../fixtures/system/campaign-office.ts';
import { startMortalPostgres, type MortalPostgres } from '../../fixtures/system/mortal-postgres.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { createOutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openScriptedCallees, type Behaviour, type ScriptedCallees } from '../../fixtures/system/scripted-callees.ts';

const CONCURRENCY = 6;
/** Of twelve countries: what follows is four digits. */
const PREFIXES = [
  ...['+35988812', '+1212555', '+4930123', '+8131234', '+6129876', '+551198765', '+91981234', '+44207946'],
  ...['+9714234', '+3314234', '+23480312', '+643312'],
];
const KINDS: readonly [script: readonly Behaviour[], status: string][] = [
  [['answer'], 'answered'],
  [[486, 'answer'], 'answered'],
  [['answer'], 'answered'],
  [[404], 'failed'],
  [[603], 'rejected'],
];
const LEADS = 36;

let postgres: MortalPostgres;
let trunkline: MortalSystem;
let office: CampaignOffice;
let callees: ScriptedCallees;

beforeAll(async () => {
  postgres = await startMortalPostgres();
  trunkline = await startMortalSystem({ databaseUrl: postgres.url, env: OFFICE_ENV });
  office = await openCampaignOffice(trunkline);
  callees = await openScriptedCallees(trunkline.sip.port, { ringMs: 250, talkMs: 600 });
  await createOutboundApi(trunkline).addTrunk(callees);
});

afterAll(async () => {
  await trunkline?.stop();
  await callees?.close();
  await postgres?.stop();
});

const untilCalled = (count: number) =>
  vi.waitFor(() => expect(callees.incoming.length).toBeGreaterThanOrEqual(count), { timeout: 40_000, interval: 20 });

test('D2, D4: nobody is called twice for one attempt, nobody is forgotten, and the counters are those of the rows', async () => {
  const expected = new Map<string, string>();
  for (let index = 0; index < LEADS; index += 1) {
    const number = `${PREFIXES[index % PREFIXES.length]}${1_000 + index}`;
    const [script, status] = KINDS[index % KINDS.length] ?? [['answer'], 'answered'];
    callees.script(number, ...script);
    expected.set(number, status);
  }
  const id = await office.campaign([...expected.keys()], { concurrent_calls: CONCURRENCY, retry_attempts: 5 });
  await office.order(id, 'start');

  await untilCalled(8);
  trunkline.kill();
  await trunkline.untilBack();
  await untilCalled(16);
  await postgres.kill();
  await postgres.restart();
  await trunkline.untilHealthy();
  await untilCalled(24);
  trunkline.kill();
  await trunkline.untilBack();
  await office.untilStatus(id, 'completed', 60_000);

  const rows = await office.leadsOf(id);
  expect(new Map(rows.map(({ lead_phone, status }) => [lead_phone, status]))).toEqual(expected);
  const sipCallIds = callees.incoming.map(({ callId }) => callId);
  expect(new Set(sipCallIds).size).toBe(sipCallIds.length);
  for (const { lead_phone: number, call_attempts: attempts } of rows) {
    const calls = await trunkline.rowsOf(number);
    expect([number, calls.length]).toEqual([number, attempts]);
    expect(callees.incoming.filter((one) => one.number === number).length).toBeLessThanOrEqual(attempts);
    expect(calls.every(({ endedAt }) => endedAt !== null)).toBe(true);
  }
  expect(callees.peak).toBeLessThanOrEqual(CONCURRENCY);
  const count = (...statuses: string[]) => rows.filter(({ status }) => statuses.includes(status)).length;
  expect(await office.find(id)).toMatchObject({
    ...{ total_leads: LEADS, leads_called: LEADS, leads_answered: count('answered') },
    ...{ leads_rejected: count('rejected'), leads_failed: count('failed') },
  });
});
