import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDiallingRig, type DiallingRig } from '../../fakes/dialling-rig.ts';

let rig: DiallingRig;
beforeEach(async () => {
  rig = await createDiallingRig();
});
afterEach(() => rig.close());

const numberOf = (index: number) => `+35988${String(8_000_000 + index)}`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => numberOf(index));
const until = (check: () => Promise<void> | void, timeout = 40_000) => vi.waitFor(check, { timeout, interval: 50 });

type LeadRow = { phone: string; status: string; attempts: number; result: string | null; callId: string | null };

const rowsOf = (id: number) =>
  rig.sql<LeadRow>(
    `select lead_phone as phone, status, call_attempts as attempts, call_result as result, call_session_id as "callId"
    from campaign_leads where campaign_id = ? order by id`,
    [id],
  );
const statusOf = async (id: number) => (await rig.campaigns.find(id))?.status;
const untilStatus = (id: number, status: string) => until(async () => expect(await statusOf(id)).toBe(status));
const untilLegs = (count: number) => until(() => expect(rig.legs.length).toBeGreaterThanOrEqual(count));

describe('a campaign', () => {
  it('D2: ends each lead as its callee has it, and tries again as often as it is told', async () => {
    const [answer, busy, twice, wrong, rejects, never] = numbers(6);
    rig.scripts.set(busy ?? '', ['busy', 'answered']);
    rig.scripts.set(twice ?? '', ['noAnswer', 'trunkUnavailable', 'answered']);
    rig.scripts.set(wrong ?? '', ['invalidNumber']);
    rig.scripts.set(rejects ?? '', ['rejected']);
    rig.scripts.set(never ?? '', ['noAnswer']);
    const id = await rig.campaign(numbers(6));
    await rig.campaigns.start(id, null);
    rig.dialler().start();
    await untilStatus(id, 'completed');
    expect((await rowsOf(id)).map(({ phone, status, attempts }) => [phone, status, attempts])).toEqual([
      [answer, 'answered', 1],
      [busy, 'answered', 2],
      [twice, 'answered', 3],
      [wrong, 'failed', 1],
      [rejects, 'rejected', 1],
      [never, 'no_answer', 3],
    ]);
    expect((await rig.campaigns.find(id))?.counters).toEqual({ total: 6, answered: 3, rejected: 1, failed: 2 });
    expect(await rig.sql('select 1 from capacity_leases')).toEqual([]);
  });

  it('D2: an attempt whose process died before it was placed is made anew, and the late process calls nobody', async () => {
    const id = await rig.campaign(numbers(1));
    await rig.campaigns.start(id, null);
    const late = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    const first = rig.dialler({
      beforeRow: () => {
        claimed.resolve();
        return late.promise;
      },
    });
    first.start();
    await claimed.promise;
    const [before] = await rowsOf(id);
    expect(before).toMatchObject({ status: 'dialing', attempts: 1 });
    first.loseQueue();
    rig.dialler().start();
    await untilStatus(id, 'completed');
    late.resolve();
    await until(() => expect(rig.refused).toEqual([before?.callId]));
    expect(rig.legs.map(({ attempt }) => attempt)).toEqual([2]);
    expect(await rowsOf(id)).toMatchObject([{ status: 'answered', attempts: 2 }]);
    expect(await rig.sql('select status from call_sessions where session_id = ?', [before?.callId])).toEqual([
      { status: 'failed' },
    ]);
  });

  it('D2: places nothing once it is paused or stopped, and lets calls in progress end', async () => {
    rig.scripts.set(numberOf(0), ['talking']);
    rig.scripts.set(numberOf(1), ['talking']);
    const id = await rig.campaign(numbers(4), { concurrent_calls: 2 });
    const dialler = rig.dialler();
    dialler.start();
    await rig.campaigns.start(id, null);
    dialler.look();
    await untilLegs(2);
    await rig.campaigns.pause(id);
    dialler.look();
    const machine = () => dialler.roster.list()[0]?.getSnapshot() as { value: string } | undefined;
    await until(() => expect(machine()?.value).toBe('pausing'));
    await rig.end(rig.legs[0]!.callId, 'answered');
    await until(async () => expect((await rowsOf(id))[0]).toMatchObject({ status: 'answered' }));
    expect(rig.legs).toHaveLength(2);
    await rig.end(rig.legs[1]!.callId, 'busy');
    await until(async () =>
      expect(await rig.sql('select state from campaign_runs where campaign_id = ?', [id])).toEqual([
        { state: 'paused' },
      ]),
    );
    expect((await rowsOf(id)).map(({ status }) => status)).toEqual(['answered', 'pending', 'pending', 'pending']);
    const told = { campaignId: id, cause: null };
    expect(rig.progress).toContainEqual(
      expect.objectContaining({ ...told, state: 'running', inProgress: 2, waiting: 2 }),
    );
    const leads = { pending: 3, inProgress: 0, answered: 1, rejected: 0, busy: 0, noAnswer: 0, failed: 0 };
    const answeredBy = { people: 1, machines: 0, screeners: 0 };
    await until(() =>
      expect(rig.progress.at(-1)).toEqual({
        ...{ ...told, state: 'paused', inProgress: 0, waiting: 3 },
        outcomes: { leads, attempts: 2, answeredBy, abandoned: 0 },
      }),
    );
    rig.scripts.set(numberOf(2), ['talking']);
    await rig.campaigns.start(id, null);
    dialler.look();
    await untilLegs(4);
    await rig.campaigns.stop(id);
    dialler.look();
    for (const { callId } of rig.legs.slice(2)) await rig.end(callId, 'answered');
    await until(async () => expect((await rowsOf(id))[2]).toMatchObject({ status: 'answered' }));
    expect(await statusOf(id)).toBe('cancelled');
    await until(async () => expect(await rig.sql('select 1 from capacity_leases')).toEqual([]));
  });

  it('D2: a stop is told although nobody is called at that moment', async () => {
    const tomorrow = { start_time: '09:00', end_time: '09:01', days: ['mon'], holidays: ['2026-11-23'] };
    const id = await rig.campaign(numbers(1), {}, tomorrow);
    await rig.campaigns.start(id, null);
    const noon = Date.parse('2026-11-23T10:00:00Z');
    const dialler = rig.dialler({ now: () => noon });
    dialler.start();
    const told = { campaignId: id, inProgress: 0, waiting: 1 };
    await until(() => expect(rig.progress.at(-1)).toMatchObject({ ...told, state: 'running' }));
    await rig.campaigns.stop(id);
    dialler.look();
    await until(() => expect(rig.progress.at(-1)).toMatchObject({ ...told, state: 'cancelled' }));
    expect(rig.legs).toEqual([]);
  });

  it('D3: calls nobody out of hours, or who must not be called, and says why', async () => {
    const noon = Date.parse('2026-11-23T10:00:00Z');
    const [sofia, newYork, blocked, nowhere] = [numberOf(1), '+12125550100', numberOf(2), '+88212345678'];
    const ours = numberOf(3);
    await rig.sql('insert into do_not_call (phone_e164, owner_id) values (?, 0), (?, ?), (?, ?)', [
      ...[blocked, ours, rig.ownerId],
      // Somebody else's list.
      ...[sofia, rig.ownerId + 1_000],
    ]);
    const hours = { start_time: '09:00', end_time: '18:00' };
    const id = await rig.campaign([sofia, newYork, blocked, ours, nowhere], {}, hours);
    await rig.campaigns.start(id, null);
    const begun = Date.now();
    let start = noon;
    const dialler = rig.dialler({ now: () => start + Date.now() - begun });
    dialler.start();
    await until(async () =>
      expect((await rowsOf(id)).map(({ status, result }) => [status, result])).toEqual([
        ['answered', 'normal clearing'],
        ['pending', null],
        ['failed', 'do not call'],
        ['failed', 'do not call'],
        ['failed', 'time zone not known'],
      ]),
    );
    expect(rig.legs.map(({ number }) => number)).toEqual([sofia]);
    start = Date.parse('2026-11-23T19:00:00Z');
    await untilStatus(id, 'completed');
    expect(rig.legs.map(({ number }) => number)).toEqual([sofia, newYork]);
  });

  it('C13: what no trunk has room for waits without losing an attempt; what no trunk may dial is out', async () => {
    rig.scripts.set(numberOf(0), ['capacity', 'answered']);
    rig.scripts.set(numberOf(1), ['destinationBlocked']);
    const id = await rig.campaign(numbers(2), { concurrent_calls: 1 });
    await rig.campaigns.start(id, null);
    rig.dialler().start();
    await untilStatus(id, 'completed');
    expect((await rowsOf(id)).map(({ status, attempts }) => [status, attempts])).toEqual([
      ['answered', 1],
      ['failed', 1],
    ]);
    expect(rig.legs).toHaveLength(1);
  });

  it('D2: is dialled by one application at a time', async () => {
    const id = await rig.campaign(numbers(30), { concurrent_calls: 3 });
    await rig.campaigns.start(id, null);
    for (const dialler of [rig.dialler(), rig.dialler()]) dialler.start();
    await untilStatus(id, 'completed');
    expect(rig.legs).toHaveLength(30);
    expect(rig.peak()).toBeLessThanOrEqual(3);
  });
});
