import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { abandonmentRate } from '#domain/campaign.ts';
import { createDiallingRig, type DiallingRig } from '../../fakes/dialling-rig.ts';

let rig: DiallingRig;
beforeAll(async () => {
  rig = await createDiallingRig();
});
afterAll(() => rig.close());

const ANSWERED = Date.parse('2026-03-02T10:00:00Z');
const at = (seconds: number | null) => (seconds === null ? null : new Date(ANSWERED + seconds * 1_000).toISOString());

type Answered = { by?: string; spokeAt?: number; endedAt: number | null; cause?: string };

const addCall = async (campaignId: number, call: Answered) => {
  const { by = null, spokeAt, endedAt, cause = endedAt === null ? null : 'callerHungUp' } = call;
  const id = randomUUID();
  await rig.sql(
    `insert into call_sessions (session_id, direction, status, started_at, answered_at, ended_at, cause, answered_by, campaign_id)
    values (?, 'outbound', ?, ?, ?, ?, ?, ?, ?)`,
    [id, endedAt === null ? 'in_call' : 'answered', at(-3), at(0), at(endedAt), cause, by, campaignId],
  );
  if (spokeAt === undefined) return;
  await rig.sql(
    `insert into call_transitions (call_id, seq, at, epoch, machine, machine_version, actor_path, incarnation, event_type, to_state, ignored)
    values (?, 1, ?, 1, 'call', 1, 'call', 1, 'agent.startedSpeaking', 'talking', false)`,
    [id, at(spokeAt)],
  );
};

it('counts a call as abandoned when a person answered and the agent was not heard for two seconds', async () => {
  const id = await rig.campaign([]);
  const other = await rig.campaign([]);
  const calls: readonly Answered[] = [
    { spokeAt: 0.8, endedAt: 20, by: 'human' },
    { spokeAt: 2, endedAt: 20 },
    // Too late, and never.
    { spokeAt: 2.1, endedAt: 20, by: 'human' },
    { endedAt: 5 },
    // They did not wait.
    { endedAt: 1.9 },
    { endedAt: 1, cause: 'modelLost' },
    { endedAt: 9, by: 'machine' },
    { endedAt: 9, by: 'screener' },
    // Not over yet.
    { endedAt: null },
  ];
  for (const call of calls) await addCall(id, call);
  await addCall(other, { endedAt: 9 });

  const outcomes = await rig.campaigns.outcomes(id);
  expect(outcomes).toMatchObject({ answeredBy: { people: 6, machines: 1, screeners: 1 }, abandoned: 3 });
  expect(abandonmentRate(outcomes)).toBe(0.5);
});

it('knows no rate before anybody has answered, and counts each lead where it stands', async () => {
  const id = await rig.campaign(['+359888000001', '+359888000002', '+359888000003', '+359888000004']);
  await rig.sql(
    `update campaign_leads set status = case lead_phone when '+359888000001' then 'busy' when '+359888000002' then 'ringing'
      when '+359888000003' then 'no_answer' else status end,
      call_attempts = case lead_phone when '+359888000001' then 3 when '+359888000004' then 0 else 1 end where campaign_id = ?`,
    [id],
  );
  const outcomes = await rig.campaigns.outcomes(id);
  expect(outcomes).toEqual({
    leads: { pending: 1, inProgress: 1, answered: 0, rejected: 0, busy: 1, noAnswer: 1, failed: 0 },
    ...{ attempts: 5, answeredBy: { people: 0, machines: 0, screeners: 0 }, abandoned: 0 },
  });
  expect(abandonmentRate(outcomes)).toBeNull();
});
