/**
 * A campaign over a real Postgres, with callees that follow a script instead of a telephone network. For tests of the
 * `integration` project. A call's row is written before anybody is called, as the journal does it, under the id that
 * the dialler chose: if that id is taken, nobody is called.
 */
import { randomUUID } from 'node:crypto';
import type { CallId, CallStatus, HangupCause } from '#domain/call.ts';
import { PlacementError, type CallOrder, type PlacementFailure } from '#domain/placement.ts';
import type { CampaignProgress } from '#domain/dial-queue.ts';
import { createActorRoster } from '#app/actor-roster.ts';
import { createDialler, type Dialler } from '#app/dialling/dialler.ts';
import { createCampaignsRepository } from '#persistence/campaigns.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createDialQueue } from '#persistence/dial-queue.repository.ts';
import { createTestDatabase } from '../fixtures/test-database.ts';
import { silentLog } from './silent-log.ts';

/** What one callee does at each attempt; the last one is what it goes on doing. */
export type Script = readonly (Ending | PlacementFailure)[];
export type Ending = 'answered' | 'busy' | 'noAnswer' | 'invalidNumber' | 'rejected' | 'trunkUnavailable' | 'talking';

/** `at`: when it was placed, by the clock of its process. */
export type PlacedLeg = { callId: CallId; leadId: number; number: string; attempt: number; at: number };

const STATUS: Record<Exclude<Ending, 'talking'>, readonly [CallStatus, HangupCause]> = {
  answered: ['answered', 'callerHungUp'],
  busy: ['busy', 'busy'],
  noAnswer: ['no_answer', 'noAnswer'],
  invalidNumber: ['failed', 'invalidNumber'],
  rejected: ['rejected', 'rejected'],
  trunkUnavailable: ['failed', 'trunkUnavailable'],
};

const isEnding = (step: string): step is Ending => step === 'talking' || step in STATUS;

const WRITE = `with taken as (
    insert into call_snapshots (call_id, seq, epoch, node_id, machine_version, state, context, updated_at)
    values (?, 1, 1, 'callee', 1, 'dialling', '{}', now()) on conflict (call_id) do nothing returning call_id
  )
  insert into call_sessions (session_id, direction, called_number, status, started_at, lead_id, campaign_id, owner_id)
  select call_id, 'outbound', ?, 'dialing', now(), ?, ?, ? from taken on conflict (session_id) do nothing returning session_id`;

const OVER = `with over as (update call_snapshots set state = 'ended' where call_id = ?)
  update call_sessions set status = ?, cause = ?, ended_at = now(),
    answered_at = case when ? = 'answered' then started_at end where session_id = ?`;

export const createDiallingRig = async () => {
  const place = await createTestDatabase();
  const database: Database = await openDatabase({ url: place.url, log: silentLog });
  const sql = <Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    database.fork().execute<Row[]>(text, [...values]);
  const campaigns = createCampaignsRepository(database);
  const scripts = new Map<string, Script>();
  const legs: PlacedLeg[] = [];
  const refused: CallId[] = [];
  const progress: CampaignProgress[] = [];
  const live = new Set<CallId>();
  const diallers = new Set<Dialler>();
  let peak = 0;
  let ringMs = 5;
  const [owner] = await sql<{ id: number }>(
    `insert into users (username, email, hashed_password, role, gate_slot) values ('anna', 'a@example.com', '', 'agent', 9) returning id`,
  );
  const ownerId = owner?.id ?? 0;

  const end = async (callId: CallId, ending: Exclude<Ending, 'talking'>) => {
    const [status, cause] = STATUS[ending];
    live.delete(callId);
    await sql(OVER, [callId, status, cause, ending, callId]);
  };

  const stepOf = (number: string): Ending | PlacementFailure => {
    const script = scripts.get(number) ?? ['answered'];
    const before = legs.filter((leg) => leg.number === number).length;
    return script[Math.min(before, script.length - 1)] ?? 'answered';
  };

  const placementOf = (beforeRow: () => Promise<void>, now: () => number) => ({
    place: async (order: CallOrder) => {
      const { callId = randomUUID() as CallId, number, links } = order;
      const step = stepOf(number);
      if (!isEnding(step)) {
        scripts.set(number, (scripts.get(number) ?? []).slice(1));
        throw new PlacementError(step, step);
      }
      await beforeRow();
      const rows = await sql(WRITE, [callId, number, links.leadId, links.campaignId, links.ownerId]);
      if (rows.length === 0) {
        refused.push(callId);
        throw new PlacementError('unavailable', 'the id is taken');
      }
      legs.push({ callId, leadId: links.leadId ?? 0, number, attempt: Number(order.metadata['attempt']), at: now() });
      live.add(callId);
      peak = Math.max(peak, live.size);
      if (step !== 'talking') setTimeout(() => void end(callId, step).catch(() => {}), ringMs);
      return { callId, callerNumber: null, leadId: links.leadId };
    },
  });

  return {
    ownerId,
    database,
    sql,
    campaigns,
    scripts,
    legs,
    /** Ids of calls that came too late: somebody else had settled them. */
    refused,
    /** What was told of campaigns, by whichever process. */
    progress,
    end,
    peak: () => peak,
    ringFor: (ms: number) => void (ringMs = ms),
    /**
     * A process of its own. `kill` ends it wherever it is: nothing of it goes on, nothing is given back. `loseQueue` leaves
     * it nothing but the calls that it is placing.
     */
    dialler: ({
      now = Date.now,
      beforeRow = async () => {},
    }: { now?: () => number; beforeRow?: () => Promise<void> } = {}) => {
      const lost = { queue: false, placement: false };
      const mortal = <Args extends unknown[], T>(
        work: (...args: Args) => Promise<T>,
        part: keyof typeof lost = 'queue',
      ) => {
        const alive = async <V>(value: V): Promise<V> => (lost[part] ? new Promise<never>(() => {}) : value);
        return async (...args: Args): Promise<T> => alive(await work(...(await alive(args))));
      };
      const { hold, letGo, claim, giveBack, drop, settle, complete, keep, outcomes } = createDialQueue(
        database,
        randomUUID(),
      );
      const roster = createActorRoster();
      const dialler = createDialler({
        queue: {
          ...{ hold: mortal(hold), letGo: mortal(letGo), claim: mortal(claim), giveBack: mortal(giveBack) },
          ...{ drop: mortal(drop), settle: mortal(settle), complete: mortal(complete), keep: mortal(keep), outcomes },
        },
        onProgress: (told) => progress.push(told),
        placement: { place: mortal(placementOf(mortal(beforeRow, 'placement'), now).place, 'placement') },
        ...{ roster, now, log: silentLog, newCallId: () => randomUUID() as CallId },
      });
      diallers.add(dialler);
      const loseQueue = () => {
        lost.queue = true;
        diallers.delete(dialler);
      };
      const kill = () => {
        loseQueue();
        lost.placement = true;
      };
      return { ...dialler, kill, loseQueue, roster };
    },
    /** A campaign of leads with these numbers. */
    campaign: async (numbers: readonly string[], dialing: Record<string, unknown> = {}, schedule = {}) => {
      const fast = { wait_between_calls: 0, calls_per_second: 50, retry_delay: 0, max_calls_per_day: 50 };
      const { id } = await campaigns.create(ownerId, {
        ...{ name: 'c', description: null, botConfig: { max_call_duration: 60 }, scheduleConfig: schedule },
        dialingConfig: { concurrent_calls: 10, retry_attempts: 2, ...fast, ...dialing },
      });
      await sql(
        `with added as (
          insert into leads (owner_id, phone, phone_e164) select ?, n, n from jsonb_array_elements_text(?::jsonb) n
          returning id, phone_e164)
        insert into campaign_leads (campaign_id, lead_id, lead_name, lead_phone)
        select ?, id, phone_e164, phone_e164 from added`,
        [ownerId, JSON.stringify(numbers), id],
      );
      return id;
    },
    close: async () => {
      await Promise.all([...diallers].map((dialler) => dialler.stop()));
      await database.close();
      await place.drop();
    },
  };
};

export type DiallingRig = Awaited<ReturnType<typeof createDiallingRig>>;
