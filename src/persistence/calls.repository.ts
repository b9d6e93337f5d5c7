/** Reads what is kept of calls. */
import type { FilterQuery, InferEntity } from '@mikro-orm/core';
import type { CallId } from '#domain/call.ts';
import type { CallQuery, CallRecord, TimelinePage, TransitionRecord } from '#domain/records.ts';
import { CallTransition } from './entities/call-journal.entity.ts';
import { CallSession } from './entities/call-session.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type CallFilter = Omit<CallQuery, 'after' | 'limit'>;

export type CallsRepository = {
  /** Newest first, at most `limit`. */
  list(query: CallQuery): Promise<readonly CallRecord[]>;
  count(filter: CallFilter): Promise<number>;
  find(callId: CallId): Promise<CallRecord | null>;
  ownerOf(callId: CallId): Promise<{ ownerId: number | null } | null>;
  timeline(callId: CallId, page: TimelinePage): Promise<readonly TransitionRecord[]>;
};

type SessionRow = InferEntity<typeof CallSession>;
type TransitionRow = InferEntity<typeof CallTransition>;

// The id of a row that came from elsewhere may be no UUID; it is still the id under which the call is found.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const asCallId = (text: string): CallId => text as CallId;

const toRecord = (row: SessionRow): CallRecord => ({
  callId: asCallId(row.sessionId),
  direction: row.direction,
  status: row.status,
  callerNumber: row.callerId ?? null,
  calledNumber: row.calledNumber ?? null,
  sipCallId: row.sipCallId ?? '',
  startedAt: row.startedAt,
  answeredAt: row.answeredAt ?? null,
  answeredBy: row.answeredBy ?? null,
  ...toEnding(row),
});

const toEnding = (row: SessionRow) => ({
  endedAt: row.endedAt ?? null,
  cause: row.cause ?? null,
  causeDetail: row.causeDetail ?? null,
  outcome: row.outcome ?? null,
  recordingPath: row.recordingPath ?? null,
});

const toTransition = (row: TransitionRow): TransitionRecord => ({
  callId: asCallId(row.callId),
  seq: row.seq,
  at: row.at,
  epoch: row.epoch,
  machine: row.machine,
  machineVersion: row.machineVersion,
  actorPath: row.actorPath,
  incarnation: row.incarnation,
  eventType: row.eventType,
  event: row.event ?? null,
  fromState: row.fromState ?? null,
  toState: row.toState,
  ignored: row.ignored,
});

const conditionsOf = (filter: CallFilter): FilterQuery<SessionRow>[] => {
  const { scope, status, direction, number, startedFrom, startedBefore } = filter;
  const conditions: FilterQuery<SessionRow>[] = [];
  if (scope.kind === 'owners') conditions.push({ ownerId: [...scope.ids] });
  if (status) conditions.push({ status });
  if (direction) conditions.push({ direction });
  if (number) conditions.push({ $or: [{ callerId: number }, { calledNumber: number }] });
  if (startedFrom) conditions.push({ startedAt: { $gte: startedFrom } });
  if (startedBefore) conditions.push({ startedAt: { $lt: startedBefore } });
  return conditions;
};

const afterPosition = ({ after }: CallQuery): FilterQuery<SessionRow>[] =>
  after
    ? [
        {
          $or: [
            { startedAt: { $lt: after.startedAt } },
            { startedAt: after.startedAt, sessionId: { $lt: after.callId } },
          ],
        },
      ]
    : [];

/** All methods reject with `DatabaseError`, whose `code` is `unavailable` while Postgres does not answer. */
export const createCallsRepository = (database: DatabaseAccess): CallsRepository => ({
  list: (query) =>
    guarded(database, async (em) => {
      const rows = await em.find(
        CallSession,
        { $and: [...conditionsOf(query), ...afterPosition(query)] },
        { orderBy: { startedAt: 'desc', sessionId: 'desc' }, limit: query.limit, disableIdentityMap: true },
      );
      return rows.map(toRecord);
    }),
  count: (filter) => guarded(database, (em) => em.count(CallSession, { $and: conditionsOf(filter) })),
  ownerOf: (callId) =>
    guarded(database, async (em) => {
      const row = await em.findOne(CallSession, { sessionId: callId }, { fields: ['ownerId'] });
      return row && { ownerId: row.ownerId ?? null };
    }),
  find: (callId) =>
    guarded(database, async (em) => {
      const row = await em.findOne(CallSession, { sessionId: callId });
      return row && toRecord(row);
    }),
  timeline: (callId, { afterSeq, limit }) =>
    guarded(database, async (em) => {
      const rows = await em.find(
        CallTransition,
        { callId, ...(afterSeq !== null && { seq: { $gt: afterSeq } }) },
        { orderBy: { seq: 'asc' }, limit, disableIdentityMap: true },
      );
      return rows.map(toTransition);
    }),
});
