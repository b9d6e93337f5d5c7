/** The queue of campaigns: claimed with `skip locked`, settled from the rows of the calls. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { CallId, CallStatus, HangupCause } from '#domain/call.ts';
import type {
  Attempt,
  ClaimAnswer,
  ClaimRequest,
  DialQueue,
  HeldCampaign,
  QueueState,
  SettleRequest,
} from '#domain/dial-queue.ts';
import type { Candidate } from '#domain/dialling.ts';
import { outcomesOf } from './campaign-counters.ts';
import * as sql from './dial-statements.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { toSafeJson } from './journal-batch.ts';

type Time = Date | string | null;

const millis = (time: Time): number | null => (time === null ? null : new Date(time).getTime());
const iso = (time: number) => new Date(time).toISOString();

type Row = Candidate & { rowId: number; leadId: number; attempts: number };

type Flight = {
  rowId: number;
  leadId: number;
  status: CallStatus;
  attempts: number;
  callId: CallId;
  e164: string;
  callStatus: CallStatus | null;
  cause: HangupCause | null;
  detail: string | null;
  answeredAt: Time;
  endedAt: Time;
  hasCall: boolean;
  isMine: boolean;
  isAlive: boolean;
};

type Settled = {
  rowId: number;
  callId: CallId;
  status: CallStatus;
  duration: number | null;
  result: string | null;
  scheduledFor: string | null;
  completedAt: string | null;
};

/** Of one look for somebody to call: others want the processor as well. */
const MAX_ROUNDS = 5;

const OVER: ReadonlySet<CallStatus> = new Set(['answered', 'rejected', 'busy', 'no_answer', 'failed', 'completed']);
const RESULTS: Partial<Record<CallStatus, string>> = { answered: 'normal clearing', completed: 'normal clearing' };

/** What becomes of a row whose call is over, or goes on; null: nothing. */
const settledRow = (flight: Flight, { rules, now, after }: SettleRequest): Settled | null => {
  const { rowId, callId, status, attempts, callStatus, cause, endedAt, answeredAt } = flight;
  if (callStatus === null) return null;
  const open = { rowId, callId, duration: null, result: null, scheduledFor: null, completedAt: null };
  if (!OVER.has(callStatus)) return callStatus === status ? null : { ...open, status: callStatus };
  const end = millis(endedAt) ?? now;
  const answered = millis(answeredAt);
  const duration = answered === null ? null : Math.max(0, Math.round((end - answered) / 1_000));
  const result = RESULTS[callStatus] ?? cause ?? callStatus;
  const next = after({ status: callStatus, cause, attempts }, rules, now);
  return next.kind === 'retry'
    ? { ...open, status: 'pending', result, scheduledFor: iso(next.at) }
    : { ...open, status: callStatus, duration, result, completedAt: iso(end) };
};

export const createDialQueue = (database: DatabaseAccess, nodeId: string): DialQueue => {
  const run = <T>(text: string, values: readonly unknown[]) =>
    guarded(database, (em) => em.execute<T[]>(text, [...values]));
  const inside = <T>(work: (em: EntityManager) => Promise<T>) => guarded(database, (em) => em.transactional(work));

  const take = async (em: EntityManager, row: Row, { newCallId, now }: ClaimRequest): Promise<Attempt | null> => {
    const callId = newCallId();
    const { rowId, leadId, e164, attempts } = row;
    const at = iso(now);
    const taken = await em.execute<unknown[]>(sql.TAKE, [callId, nodeId, at, at, rowId, at]);
    return taken.length === 0 || e164 === null ? null : { rowId, leadId, callId, e164, number: attempts + 1 };
  };

  /** The first that may be called; those before it are put off, or out. */
  const choose = async (em: EntityManager, request: ClaimRequest): Promise<ClaimAnswer | 'more'> => {
    const { campaignId, rules, now, judge } = request;
    const rows = await em.execute<Row[]>(sql.CANDIDATES, [iso(now), campaignId, iso(now)]);
    if (rows.length === 0) return { kind: 'nothing' };
    for (const row of rows) {
      const verdict = judge(row, rules, now);
      if (verdict.kind === 'defer') await em.execute(sql.DEFER, [iso(verdict.until), row.rowId]);
      if (verdict.kind === 'drop') await em.execute(sql.DROP, [verdict.reason, iso(now), row.rowId]);
      const attempt = verdict.kind === 'dial' ? await take(em, row, request) : null;
      if (attempt) return { kind: 'attempt', attempt };
    }
    return 'more';
  };

  const claimOnce = (request: ClaimRequest): Promise<ClaimAnswer | 'more'> =>
    inside(async (em) => {
      const { campaignId, rules, now, nextDialAt } = request;
      const [campaign] = await em.execute<{ dialledAt: Time; endedAt: Time }[]>(sql.LOCK_CAMPAIGN, [
        campaignId,
        nodeId,
      ]);
      if (!campaign) return { kind: 'notOurs' };
      const until = nextDialAt({ dialledAt: millis(campaign.dialledAt), endedAt: millis(campaign.endedAt) }, rules);
      if (until > now) return { kind: 'wait', until };
      const [used] = await em.execute<{ count: number }[]>(sql.IN_USE, [campaignId, `campaign:${campaignId}`]);
      if ((used?.count ?? 0) >= rules.concurrentCalls) return { kind: 'full' };
      return choose(em, request);
    });

  const isAbandoned = ({ hasCall, isMine, isAlive, callId }: Flight, { isPlacing }: SettleRequest) =>
    !hasCall && (isMine ? !isPlacing(callId) : !isAlive);

  /** Nobody was called, so the lead waits again, whatever the number of its attempts. */
  const barFlight = async (em: EntityManager, flight: Flight, { campaignId, now }: SettleRequest) => {
    const { callId, e164, leadId, rowId } = flight;
    const barred = await em.execute<unknown[]>(sql.BAR, [callId, e164, leadId, campaignId]);
    // Its row came a moment ago: the call goes on, and is settled by how it ends.
    if (barred.length === 0) return null;
    const nothing = { duration: null, result: null, completedAt: null };
    return { rowId, callId, status: 'pending' as const, scheduledFor: iso(now), ...nothing };
  };

  const settleRows = async (em: EntityManager, request: SettleRequest): Promise<void> => {
    const { campaignId } = request;
    const flights = await em.execute<Flight[]>(sql.FLIGHTS, [nodeId, campaignId]);
    const settled: Settled[] = [];
    for (const flight of flights) {
      const row = isAbandoned(flight, request) ? await barFlight(em, flight, request) : settledRow(flight, request);
      if (row) settled.push(row);
    }
    if (settled.length === 0) return;
    await em.execute(sql.SETTLE, [toSafeJson(settled)]);
    const ends = flights.flatMap(({ endedAt }) => millis(endedAt) ?? []);
    if (ends.length > 0) await em.execute(sql.NOTE_END, [iso(Math.max(...ends)), campaignId]);
  };

  return {
    hold: async () => {
      const held = await run<{ id: number }>(sql.HOLD, [nodeId]);
      if (held.length === 0) return [];
      return run<HeldCampaign>(sql.HELD, [JSON.stringify(held.map(({ id }) => id))]);
    },
    letGo: async () => {
      await run(sql.LET_GO, [nodeId]);
    },
    claim: async (request) => {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const answer = await claimOnce(request);
        if (answer !== 'more') return answer;
      }
      return { kind: 'wait', until: request.now };
    },
    giveBack: async (_campaignId, { rowId, callId }, until) => {
      await run(sql.GIVE_BACK, [callId, iso(until), rowId, callId]);
    },
    drop: async (_campaignId, { rowId, callId }, reason) => {
      await run(sql.DROP_ATTEMPT, [callId, reason, rowId, callId]);
    },
    settle: (request) =>
      inside(async (em): Promise<QueueState> => {
        await settleRows(em, request);
        const [state] = await em.execute<QueueState[]>(sql.STATE, [request.campaignId]);
        return state ?? { inFlight: 0, waiting: 0 };
      }),
    outcomes: (campaignId) => guarded(database, (em) => outcomesOf(em, campaignId)),
    complete: async (campaignId) => (await run(sql.COMPLETE, [campaignId])).length > 0,
    keep: async (campaignId, { version, state, context }) => {
      await run(sql.KEEP, [version, state, toSafeJson(context), campaignId, nodeId]);
    },
  };
};
