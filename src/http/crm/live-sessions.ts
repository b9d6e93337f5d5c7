/** Live calls as the CRM counts them: from the dialogs, not from rows. */
import type { LiveCall, LiveCallsStore } from '#app/live-calls.store.ts';
import { canSee, type OwnerScope } from '#domain/user.ts';

/** A call that is closing has no dialog any more. */
const OVER: ReadonlySet<string> = new Set(['closing', 'ended']);
const ACTIVE: ReadonlySet<string> = new Set(['talking', 'hangingUp']);

export const isUp = ({ state }: Pick<LiveCall, 'state'>): boolean => !OVER.has(state);

export const liveSessions = (liveCalls: LiveCallsStore, scope: OwnerScope): readonly LiveCall[] =>
  liveCalls.list().filter((call) => isUp(call) && canSee(scope, call.ownerId));

const statusOf = ({ state }: LiveCall) => {
  if (ACTIVE.has(state)) return 'active' as const;
  return state === 'answering' ? ('waiting_for_ack' as const) : ('connecting' as const);
};

/** One digit behind the point. */
export const secondsSince = (time: number, now: number): number => Math.max(0, Math.round((now - time) / 100) / 10);

export const showLiveSession = (call: LiveCall, now: number) => ({
  session_id: call.callId,
  caller_id: call.callerNumber,
  called_number: call.calledNumber,
  start_time: new Date(call.startedAt).toISOString(),
  status: statusOf(call),
  duration_seconds: secondsSince(call.startedAt, now),
});
