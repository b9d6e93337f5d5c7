/** Schemas of call sessions, transcripts and recordings. */
import { Type, type TProperties } from 'typebox';
import { ANALYSIS_STATUSES } from '#domain/analysis.ts';
import type { CallStatus } from '#domain/call.ts';
import { nullable, Timestamp } from '#http/schemas/common.schema.ts';
import { RowId } from './crm-common.schema.ts';

const CALL_STATUSES = [
  ...['pending', 'dialing', 'ringing', 'in_call', 'answered', 'rejected', 'busy', 'no_answer', 'failed', 'completed'],
] as CallStatus[];

const CallStatusText = Type.Unsafe<CallStatus>({ ...Type.String(), enum: CALL_STATUSES });
const text = nullable(Type.String());
const time = nullable(Timestamp);
const whole = nullable(Type.Integer());

/** `null` where a field that is looked up by name would be missing otherwise. */
const optional = <T extends TProperties>(properties: T) => Type.Partial(Type.Object(properties));

const Turn = Type.Object({
  speaker: Type.Unsafe<'agent' | 'user'>({ ...Type.String(), enum: ['agent', 'user'] }),
  text: Type.String(),
});

const Transcript = Type.Object(
  {
    content: Type.String({ description: 'One `AGENT:` or `USER:` line for each turn, where the speakers are known.' }),
    conversation: Type.Optional(Type.Array(Turn)),
    success: Type.Boolean(),
    language: text,
    confidence: nullable(Type.Number()),
    transcribed_at: Timestamp,
    method: Type.Unsafe<'live' | 'batch'>({ ...Type.String(), enum: ['live', 'batch'] }),
    filename: text,
    file: text,
    length: Type.Integer(),
    text_length: Type.Integer(),
    error: Type.Optional(Type.String({ description: 'Only without success.' })),
  },
  { title: 'Transcript' },
);

const Transcripts = optional({ mixed: Transcript, incoming: Transcript, outgoing: Transcript });

const AudioFile = Type.Object(
  {
    filename: Type.String(),
    size_mb: Type.Number(),
    path: Type.String({ description: 'Below `/static/`, with a token that is good for a while.' }),
  },
  { title: 'AudioFile' },
);

const AudioFiles = optional({ mixed: AudioFile, incoming: AudioFile, outgoing: AudioFile });

const SessionInfo = Type.Object({
  caller_id: text,
  called_number: text,
  start_time: time,
  end_time: time,
  duration_seconds: nullable(Type.Number()),
});

const Analysis = Type.Object({
  summary: Type.String(),
  status: Type.Unsafe<(typeof ANALYSIS_STATUSES)[number]>({ ...Type.String(), enum: [...ANALYSIS_STATUSES] }),
});

export const Session = Type.Object(
  {
    id: Type.Integer(),
    session_id: Type.String(),
    campaign_id: whole,
    lead_id: whole,
    lead_country: text,
    caller_id: text,
    called_number: text,
    status: CallStatusText,
    started_at: Timestamp,
    answered_at: time,
    ended_at: time,
    start_time: Timestamp,
    end_time: time,
    duration: nullable(Type.Integer({ description: 'Seconds from start to end.' })),
    talk_time: nullable(Type.Integer({ description: 'Seconds from answer to end.' })),
    recording_path: text,
    transcript_status: text,
    transcript_language: text,
    sentiment_score: nullable(Type.Number()),
    interest_level: whole,
    key_points: nullable(Type.Array(Type.String())),
    follow_up_required: Type.Boolean(),
    follow_up_notes: text,
    transcripts: nullable(Transcripts),
    analysis: nullable(Analysis),
    audio_files: nullable(AudioFiles),
    session_info: nullable(SessionInfo),
    asterisk_linkedid: text,
  },
  { title: 'Session' },
);

export const SessionList = Type.Array(Session);

export const SessionListQuery = Type.Object({
  campaign_id: Type.Optional(RowId),
  lead_id: Type.Optional(RowId),
  status: Type.Optional(CallStatusText),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
});

/** Any text: an id of the wrong form is an unknown one. */
export const SessionParams = Type.Object({ session_id: Type.String() });

export const SessionMissing = Type.Object(
  {
    detail: Type.String(),
    code: Type.String({ description: '`session_unknown` or `session_not_registered`.' }),
    recording_exists: Type.Optional(Type.Boolean()),
  },
  { description: 'No such call; with `recording_exists`, its folder is there but its row could not be written.' },
);

const Success = Type.Unsafe<'success'>({ ...Type.String(), enum: ['success'] });

export const TranscriptsAnswer = Type.Object({
  status: Success,
  session_id: Type.String(),
  session_info: nullable(SessionInfo),
  transcripts: Transcripts,
});

export const TranscriptParams = Type.Object({ session_id: Type.String(), audio_type: Type.String() });

export const TranscriptAnswer = Type.Object({
  status: Success,
  session_id: Type.String(),
  audio_type: Type.String(),
  transcript: Type.Object({
    content: Type.String(),
    filename: text,
    language: text,
    text_length: Type.Integer(),
    confidence: nullable(Type.Number()),
    transcribed_at: Timestamp,
    success: Type.Boolean(),
  }),
});

export const SummaryAnswer = Type.Object({ status: Success, session_id: Type.String(), summary: Analysis });

export const RecordingListQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 }),
});

export const RecordingList = Type.Object({
  status: Success,
  total_recordings: Type.Integer(),
  recordings: Type.Array(
    Type.Object({
      session_id: Type.String(),
      caller_id: text,
      called_number: text,
      start_time: time,
      end_time: time,
      duration_seconds: nullable(Type.Number()),
      audio_files: AudioFiles,
      has_recording: Type.Boolean(),
      source: Type.String(),
    }),
  ),
});
