/** Records and live calls as the API shows them: times as ISO text, absent things as null. Pure. */
import type { EndedCall, LiveCall } from '#app/live-calls.store.ts';
import { RECORDING_CHANNELS, type CallRecord, type RecordingRecord, type TransitionRecord } from '#domain/records.ts';
import type { CallDetailJson, CallSummaryJson, LiveCallJson, TransitionJson } from './schemas/call.schema.ts';

const iso = (at: Date | number) => new Date(at).toISOString();
const isoOrNull = (at: Date | number | null) => (at === null ? null : iso(at));

export const showLiveCall = (call: LiveCall): LiveCallJson => ({
  ...call,
  startedAt: iso(call.startedAt),
  answeredAt: isoOrNull(call.answeredAt),
});

const durationSeconds = ({ answeredAt, endedAt }: CallRecord) =>
  answeredAt && endedAt ? Math.max(0, Math.round((endedAt.getTime() - answeredAt.getTime()) / 1000)) : null;

const showBasics = (record: CallRecord) => ({
  callId: record.callId,
  direction: record.direction,
  status: record.status,
  callerNumber: record.callerNumber,
  calledNumber: record.calledNumber,
  startedAt: iso(record.startedAt),
  answeredAt: isoOrNull(record.answeredAt),
  endedAt: isoOrNull(record.endedAt),
  durationSeconds: durationSeconds(record),
  cause: record.cause,
});

export const showSummary = (record: CallRecord, live: LiveCall | undefined): CallSummaryJson => ({
  ...showBasics(record),
  live: live ? { state: live.state, turn: live.turn } : null,
});

/** A call that is live but whose row is still being committed. */
const recordOfLive = (live: LiveCall): CallRecord => ({
  callId: live.callId,
  direction: live.direction,
  status: 'pending',
  callerNumber: live.callerNumber,
  calledNumber: live.calledNumber,
  sipCallId: '',
  startedAt: new Date(live.startedAt),
  answeredAt: live.answeredAt === null ? null : new Date(live.answeredAt),
  endedAt: null,
  cause: null,
  causeDetail: null,
  answeredBy: null,
  outcome: null,
  recordingPath: null,
});

const showRecording = ({ state, durationMs, files, failure }: RecordingRecord): CallDetailJson['recording'] => ({
  state,
  durationMs,
  channels: state === 'published' ? RECORDING_CHANNELS.filter((channel) => files[channel]) : [],
  failureCode: failure?.code ?? null,
});

export type KnownOfCall = {
  record: CallRecord | null;
  recording: RecordingRecord | null;
  live: LiveCall | undefined;
  ended: EndedCall | undefined;
};

/** Null when nothing is known. */
export const showDetail = ({ record, recording, live, ended }: KnownOfCall): CallDetailJson | null => {
  const last = live ?? ended?.last;
  const known = record ?? (last ? recordOfLive(last) : null);
  if (!known) return null;
  return {
    ...showBasics(known),
    sipCallId: known.sipCallId === '' ? null : known.sipCallId,
    causeDetail: known.causeDetail,
    answeredBy: known.answeredBy,
    outcome: known.outcome,
    recording: recording ? showRecording(recording) : null,
    live: live ? showLiveCall(live) : null,
    ledger: ended ? { endedAt: iso(ended.endedAt), leaked: [...ended.leaked] } : null,
  };
};

export const showTransition = ({ callId: _, at, ...transition }: TransitionRecord): TransitionJson => ({
  ...transition,
  at: iso(at),
});
