/**
 * A campaign around the world, in which the application is killed twice, Postgres once, the trunk is down for a while, and
 * the user pauses. How many leads it has: `CAMPAIGN_LEADS`.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ApiCall } from '#demo/api-client.ts';
import type { NativeCampaignJson } from '#http/schemas/campaign-outcomes.schema.ts';
import type { CampaignLeadJson } from '#http/schemas/crm/campaign.schema.ts';
import { OFFICE_ENV, openCampaignOffice, type CampaignOffice } from '../../fixtures/system/campaign-office.ts';
import {
  hoursAround,
  mayBeCalled,
  planCampaign,
  type LeadKind,
  type PlannedLead,
} from '../../fixtures/system/campaign-plan.ts';
import { tallyCampaign } from '../../fixtures/system/campaign-tally.ts';
import { startMortalPostgres, type MortalPostgres } from '../../fixtures/system/mortal-postgres.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { createOutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openScriptedCallees, type ScriptedCallees } from '../../fixtures/system/scripted-callees.ts';

declare global {
  interface ImportMeta {
    /** The environment of Vitest. */
    readonly env: Readonly<Record<string, string | undefined>>;
  }
}

const LEADS = Number(import.meta.env['CAMPAIGN_LEADS'] ?? 36);
const CONCURRENCY = LEADS < 100 ? 6 : 10;
const TURNED_AWAY = CONCURRENCY;
const RETRIES = 7;
const IN_FLIGHT: readonly string[] = ['dialing', 'ringing', 'in_call'];

let postgres: MortalPostgres;
let trunkline: MortalSystem;
let office: CampaignOffice;
let callees: ScriptedCallees;

beforeAll(async () => {
  postgres = await startMortalPostgres();
  trunkline = await startMortalSystem({
    databaseUrl: postgres.url,
    env: OFFICE_ENV,
  });
  office = await openCampaignOffice(trunkline);
  callees = await openScriptedCallees(trunkline.sip.port, { ringMs: 250, talkMs: 2_300 });
  await createOutboundApi(trunkline).addTrunk(callees);
});

afterAll(async () => {
  await trunkline?.stop();
  await callees?.close();
  await postgres?.stop();
});

const until = (condition: () => unknown) => vi.waitFor(condition, { timeout: 120_000, interval: 20 });

/** Until this share of the leads has been called in the mean. */
const untilCalled = (share: number) =>
  until(() => expect(callees.incoming.length).toBeGreaterThanOrEqual(Math.ceil(share * LEADS)));

const attemptsIn = (rows: readonly CampaignLeadJson[]) => rows.reduce((sum, row) => sum + row.call_attempts, 0);

const untilRows = (id: number, condition: (rows: readonly CampaignLeadJson[]) => boolean) =>
  vi.waitFor(
    async () => {
      const rows = await office.leadsOf(id);
      if (!condition(rows)) throw new Error(`Not yet: ${rows.map(({ status }) => status).join(' ')}`);
      return rows;
    },
    { timeout: 60_000 + LEADS * 1_000, interval: 250 },
  );

/** The application is away from then until it is back. */
const killTrunkline = async (): Promise<number> => {
  const at = trunkline.kill();
  await trunkline.untilBack();
  return at;
};

/** How long after the answer to the order the last INVITE came, in milliseconds; below 0: before it. */
const pauseForAWhile = async (id: number): Promise<number> => {
  await until(() => expect(callees.talking).toBeGreaterThan(1));
  await office.order(id, 'pause');
  const answeredAt = Date.now();
  const attempts = attemptsIn(await office.leadsOf(id));
  await untilRows(id, (rows) => !rows.some(({ status }) => IN_FLIGHT.includes(status)));
  const calledBefore = callees.incoming.length;
  expect(attemptsIn(await office.leadsOf(id))).toBe(attempts);
  const lastAt = callees.incoming.at(-1)?.at ?? 0;
  expect(callees.incoming.length).toBe(calledBefore);
  await office.order(id, 'start');
  return lastAt - answeredAt;
};

const surviveAll = async (id: number) => {
  await untilCalled(0.2);
  const kills = [await killTrunkline()];
  await untilCalled(0.5);
  callees.setDown(true);
  await until(() => expect(callees.turnedAway.length).toBeGreaterThanOrEqual(TURNED_AWAY));
  callees.setDown(false);
  await untilCalled(0.8);
  await postgres.kill();
  await postgres.restart();
  await trunkline.untilHealthy();
  await untilCalled(1);
  kills.push(await killTrunkline());
  await untilCalled(1.2);
  return { kills, lastInviteMs: await pauseForAWhile(id) };
};

const callsOf = async (numbers: Iterable<string>): Promise<Map<string, ApiCall[]>> => {
  const calls = new Map<string, ApiCall[]>();
  for (const number of numbers) calls.set(number, await trunkline.rowsOf(number));
  return calls;
};

const lastOf = (calls: readonly ApiCall[]) =>
  calls.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)).at(-1);

const wasLiveAt = ({ startedAt, endedAt }: ApiCall, at: number) =>
  Date.parse(startedAt) <= at && at <= Date.parse(endedAt ?? '');

test(
  'D2, D3, D4: nobody is called twice for one attempt or outside their hours, nobody is forgotten, and the counters are those of the rows',
  { timeout: 240_000 + LEADS * 2_000 },
  async () => {
    const startedAt = Date.now();
    const plan = planCampaign(LEADS);
    const numbersOf = (kind: LeadKind) => plan.filter((lead) => lead.kind === kind).map(({ number }) => number);
    for (const { number, script } of plan) callees.script(number, ...script);
    const schedule = hoursAround(startedAt);
    const id = await office.campaign(
      plan.map(({ number }) => number),
      { concurrent_calls: CONCURRENCY, retry_attempts: RETRIES, retry_delay: 1, ring_seconds: 5 },
      { schedule_config: schedule, bot_config: { answering_machine: 'hangUp' } },
    );
    await office.order(id, 'start');
    const { kills, lastInviteMs } = await surviveAll(id);
    const open = plan.length - numbersOf('closed').length;
    await untilRows(id, (all) => all.filter(({ completed_at }) => completed_at !== null).length === open);
    const progress: Record<string, unknown>[] = [];
    const unfollow = await trunkline.api.follow(
      ({ name, data }) => name === 'campaign.progress' && progress.push(data),
    );
    await office.order(id, 'stop');
    const tookMs = Date.now() - startedAt;

    const rows = await office.leadsOf(id);
    const calls = await callsOf(rows.map(({ lead_phone }) => lead_phone));
    // Who never answers has as many attempts as there are: the last one may have met the trunk that was down, or a kill.
    const wasSpoilt = (call: ApiCall | undefined) =>
      call !== undefined && (call.cause === 'trunkUnavailable' || kills.some((at) => wasLiveAt(call, at)));
    const statusOf = ({ number, kind, status }: PlannedLead) =>
      kind === 'nobody' && wasSpoilt(lastOf(calls.get(number) ?? []))
        ? expect.stringMatching(/^(failed|no_answer)$/)
        : status;
    expect(new Map(rows.map(({ lead_phone, status }) => [lead_phone, status]))).toEqual(
      new Map(plan.map((lead) => [lead.number, statusOf(lead)])),
    );

    const sipCallIds = callees.incoming.map(({ callId }) => callId);
    expect(new Set(sipCallIds).size).toBe(sipCallIds.length);
    for (const { lead_phone: number, call_attempts: attempts } of rows) {
      const own = calls.get(number) ?? [];
      expect([number, own.length]).toEqual([number, attempts]);
      expect(callees.incoming.filter((one) => one.number === number).length).toBeLessThanOrEqual(attempts);
      expect(own.every(({ endedAt }) => endedAt !== null)).toBe(true);
    }
    expect(callees.peak).toBeLessThanOrEqual(CONCURRENCY);

    expect(callees.incoming.filter(({ number, at }) => !mayBeCalled(number, schedule, at))).toEqual([]);
    for (const number of numbersOf('closed')) expect(calls.get(number)).toEqual([]);

    const machines = numbersOf('machine').flatMap((number) => calls.get(number) ?? []);
    const undisturbed = machines.filter((call) => call.answeredAt && !kills.some((at) => wasLiveAt(call, at)));
    expect(undisturbed.length).toBeGreaterThan(0);
    expect(new Set(undisturbed.map(({ cause }) => cause))).toEqual(new Set(['answeringMachine']));
    // Whoever talked when the campaign was paused or stopped was not cut off.
    const answered = numbersOf('answers').flatMap((number) => calls.get(number)?.filter((one) => one.answeredAt) ?? []);
    expect(new Set(answered.map(({ cause }) => cause))).toEqual(new Set(['callerHungUp']));

    const count = (...statuses: string[]) => rows.filter(({ status }) => statuses.includes(status)).length;
    expect(await office.find(id)).toMatchObject({
      ...{ status: 'cancelled', total_leads: LEADS, leads_called: open, leads_answered: count('answered') },
      ...{ leads_rejected: count('rejected', 'busy'), leads_failed: count('failed', 'no_answer') },
    });

    const shown = (await trunkline.get(`/api/v1/campaigns/${id}`)).body as NativeCampaignJson;
    const outcomes = await tallyCampaign(trunkline, rows, [...calls.values()].flat());
    expect(shown).toMatchObject({ status: 'cancelled', outcomes });
    await until(() => expect(progress.at(-1)).toMatchObject({ campaignId: id, state: 'cancelled', outcomes }));
    unfollow();

    const figures = {
      ...{ leads: LEADS, open, attempts: attemptsIn(rows), invites: callees.incoming.length },
      ...{ turnedAway: callees.turnedAway.length, machines: machines.length, undisturbed: undisturbed.length },
      ...{
        peak: callees.peak,
        of: CONCURRENCY,
        seconds: Math.round(tookMs / 1_000),
        lastInviteAfterPauseMs: lastInviteMs,
      },
      ...{ ...outcomes, abandonmentRate: shown.abandonmentRate },
    };
    process.stdout.write(`campaign: ${JSON.stringify(figures)}\n`);
  },
);
