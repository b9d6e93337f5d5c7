/** What one journal statement carries, and how it is cut into smaller ones. Pure. */
import { NO_LINKS, type CallId } from '#domain/call.ts';
import type { CallRow, TransitionEntry } from '#domain/journal.ts';

/** One queued transition; its JSON is made when it is appended, so that nothing can change it afterwards. */
export type QueuedEntry = { seq: number; json: string };

/** Everything one statement writes about one call. */
export type CallPart = {
  callId: CallId;
  /** True until the row exists: the statement then creates it. */
  isNew: boolean;
  epoch: number;
  /** Number of the last entry in this part: what the stored snapshot must be older than. */
  seq: number;
  nodeId: string;
  machineVersion: number;
  state: string;
  /** JSON. Null: keep the stored one. */
  context: string | null;
  /** JSON of the `call_sessions` columns. Null: unchanged. */
  row: string | null;
  entries: readonly QueuedEntry[];
  /** Latest of each actor path; not in the statement, but needed by who takes the call over from the spool. */
  incarnations: Readonly<Record<string, number>>;
};

export type Batch = readonly CallPart[];

/** What the statement found for one call. `storedEpoch` and `storedSeq` are as before the statement; null = no row. */
export type PartResult = { callId: string; owned: boolean; storedEpoch: number | null; storedSeq: number | null };

/**
 * `written`: by this statement, or by an earlier sending of the same one. `fenced`: a newer epoch owns the call.
 * `exists`: the row that was to be created is there, older than this part (a recovered call). `again`: another
 * statement was in the way, and what it did is visible only to the next.
 */
export type PartOutcome = 'written' | 'fenced' | 'exists' | 'missing' | 'again';

export const outcomeOf = (part: CallPart, result: PartResult | undefined): PartOutcome => {
  if (result?.owned) return 'written';
  if (!result || result.storedEpoch === null || result.storedSeq === null) return part.isNew ? 'again' : 'missing';
  if (result.storedEpoch !== part.epoch) return 'fenced';
  if (result.storedSeq >= part.seq) return 'written';
  return part.isNew ? 'exists' : 'again';
};

/** Escaped NUL and surrogates that `JSON.stringify` found without a partner; an even run of backslashes is text. */
const FORBIDDEN_ESCAPE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** JSON that `jsonb` accepts: each character that Postgres refuses becomes U+FFFD. */
export const toSafeJson = (value: unknown): string => {
  const json = JSON.stringify(value) ?? 'null';
  return json.includes('\\u') ? json.replace(FORBIDDEN_ESCAPE, '$1\uFFFD') : json;
};

const transitionFields = (entry: TransitionEntry, event: unknown) => ({
  call_id: entry.callId,
  seq: entry.seq,
  at: entry.at,
  epoch: entry.epoch,
  machine: entry.machine,
  machine_version: entry.machineVersion,
  actor_path: entry.actorPath,
  incarnation: entry.incarnation,
  event_type: entry.eventType,
  event,
  from_state: entry.fromState,
  to_state: entry.toState,
  ignored: entry.ignored,
});

export const transitionJson = (entry: TransitionEntry, event: unknown): string =>
  toSafeJson(transitionFields(entry, event));

export const rowJson = (row: CallRow): string =>
  toSafeJson({
    direction: row.direction,
    status: row.status,
    caller_id: row.callerNumber,
    called_number: row.calledNumber,
    sip_call_id: row.sipCallId,
    started_at: row.startedAt,
    answered_at: row.answeredAt,
    ended_at: row.endedAt,
    cause: row.cause,
    cause_detail: row.causeDetail,
    answered_by: row.answeredBy,
    outcome: row.outcome,
    recording_path: row.recordingPath,
    ...firstColumns(row),
  });

/** Of a new row only. */
const firstColumns = ({ links = NO_LINKS, metadata, language }: CallRow) => ({
  owner_id: links.ownerId,
  lead_id: links.leadId,
  campaign_id: links.campaignId,
  call_metadata: metadata ?? null,
  transcript_language: language?.split('-', 1)[0]?.toLowerCase() ?? null,
});

const lastSeq = (entries: readonly QueuedEntry[], otherwise: number) => entries.at(-1)?.seq ?? otherwise;

/** Cut a part so that each piece has at most `limit` entries. The later pieces find the row made by the first. */
export const cutPart = (part: CallPart, limit: number): CallPart[] => {
  if (part.entries.length <= limit) return [part];
  const pieces: CallPart[] = [];
  for (let start = 0; start < part.entries.length; start += limit) {
    const entries = part.entries.slice(start, start + limit);
    pieces.push({ ...part, entries, seq: lastSeq(entries, part.seq), isNew: part.isNew && start === 0 });
  }
  return pieces;
};

/** The same entry with its event taken out: what is left to try when it cannot be stored as it is. */
export const withoutEvent = (part: CallPart, reason: string): CallPart => ({
  ...part,
  entries: part.entries.map(({ seq, json }) => ({ seq, json: stripEvent(json, reason) })),
});

const stripEvent = (json: string, reason: string): string => {
  const fields: Record<string, unknown> = JSON.parse(json);
  return toSafeJson({ ...fields, event: { quarantined: reason } });
};
