/** A campaign around the world, on a clock of its own, whose process is killed twice. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDiallingRig, type DiallingRig, type Script } from '../../fakes/dialling-rig.ts';

let rig: DiallingRig;
beforeEach(async () => {
  rig = await createDiallingRig();
});
afterEach(() => rig.close());

/** Numbers of countries that have one zone each; three digits follow. */
const PLACES: readonly (readonly [prefix: string, zone: string])[] = [
  ['+649300', 'Pacific/Auckland'],
  ['+819012345', 'Asia/Tokyo'],
  ['+6581234', 'Asia/Singapore'],
  ['+9198123456', 'Asia/Kolkata'],
  ['+97150123', 'Asia/Dubai'],
  ['+2547123456', 'Africa/Nairobi'],
  ['+359881234', 'Europe/Sofia'],
  ['+48512345', 'Europe/Warsaw'],
  ['+4479112345', 'Europe/London'],
  ['+598941234', 'America/Montevideo'],
  ['+5719123', 'America/Bogota'],
  ['+5062212', 'America/Costa_Rica'],
];
const KINDS: readonly [Script, string][] = [
  [['answered'], 'answered'],
  [['busy', 'answered'], 'answered'],
  [['invalidNumber'], 'failed'],
  [['noAnswer'], 'no_answer'],
  [['rejected'], 'rejected'],
];
const EACH = 5;
const CONCURRENCY = 10;
const [OPENS, CLOSES] = [9, 17];
const QUARTER_MS = 900_000;
/** A Sunday. */
const BEGIN = Date.parse('2026-03-01T12:00:00Z');

const hourIn = (zone: string, at: number): [weekday: string, hour: number] => {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, weekday: 'short', hour: 'numeric', hourCycle: 'h23' },
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return [part('weekday'), Number(part('hour'))];
};

it('D2, D3: calls each lead in its own hours, as often as it shall, through two crashes; nobody is forgotten', async () => {
  const zones = new Map<string, string>();
  const expected = new Map<string, string>();
  for (const [prefix, zone] of PLACES) {
    for (let index = 0; index < EACH; index += 1) {
      const number = `${prefix}${100 + index}`;
      const [script, status] = KINDS[index % KINDS.length] ?? [['answered'], 'answered'];
      zones.set(number, zone);
      expected.set(number, status);
      rig.scripts.set(number, script);
    }
  }
  let ahead = BEGIN - Date.now();
  const now = () => Date.now() + ahead;
  const begin = () => {
    const dialler = rig.dialler({ now });
    dialler.start();
    return dialler;
  };
  const hours = { start_time: '09:00', end_time: '17:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] };
  const dialing = { concurrent_calls: CONCURRENCY, retry_delay: 3_000 };
  const id = await rig.campaign([...expected.keys()], dialing, hours);
  await rig.campaigns.start(id, null);

  const kills = [20, 50];
  let running = begin();
  const look = async () => {
    const [queue] = await rig.sql<{ due: number; next: Date | string | null }>(
      `select (count(*) filter (where status <> 'pending' or coalesce(scheduled_for, 'epoch') <= ?::timestamptz))::int as due,
        min(scheduled_for) filter (where status = 'pending') as next
      from campaign_leads where campaign_id = ? and status in ('pending', 'dialing', 'ringing', 'in_call')`,
      [new Date(now()).toISOString(), id],
    );
    if (rig.legs.length >= (kills[0] ?? Infinity)) {
      kills.shift();
      running.kill();
      running = begin();
    }
    expect(queue?.due).toBe(0);
    return queue?.next ?? null;
  };
  // The clock goes on to the next quarter of an hour at which somebody is to be called, once nobody is any more at the present one.
  for (;;) {
    const next = await vi.waitFor(look, { timeout: 40_000, interval: 10 });
    if (next === null) break;
    ahead += Math.max(0, Math.ceil(new Date(next).getTime() / QUARTER_MS) * QUARTER_MS - now());
  }
  await vi.waitFor(async () => expect((await rig.campaigns.find(id))?.status).toBe('completed'), { timeout: 20_000 });

  const outside = rig.legs.filter(({ number, at }) => {
    const [day, hour] = hourIn(zones.get(number) ?? '', at);
    return day === 'Sat' || day === 'Sun' || hour < OPENS || hour >= CLOSES;
  });
  expect(outside).toEqual([]);
  const rows = await rig.sql<{ phone: string; status: string; attempts: number }>(
    'select lead_phone as phone, status, call_attempts as attempts from campaign_leads where campaign_id = ?',
    [id],
  );
  expect(new Map(rows.map(({ phone, status }) => [phone, status]))).toEqual(expected);
  const attempts = rig.legs.map(({ leadId, attempt }) => `${leadId}/${attempt}`);
  expect(new Set(attempts).size).toBe(attempts.length);
  // Those that a crash caught before anybody was called.
  const barred = await rig.sql(`select 1 from call_sessions where cause = 'fault'`);
  expect(rig.legs.length).toBe(rows.reduce((sum, row) => sum + row.attempts, 0) - barred.length);
  expect(rig.peak()).toBeLessThanOrEqual(CONCURRENCY);
  expect(kills).toEqual([]);
  const total = PLACES.length * EACH;
  expect((await rig.campaigns.find(id))?.counters).toEqual({
    ...{ total, answered: total * 0.4, rejected: total * 0.2, failed: total * 0.4 },
  });
}, 180_000);
