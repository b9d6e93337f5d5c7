/** What the API shows of a call session (pages read every field; absent is `null`, never 0, `{}` or missing). */
import { ANALYSIS_STATUSES, type Analysis } from '#domain/analysis.ts';
import type { SessionFacts, SessionRecord } from '#domain/session.ts';
import {
  AUDIO_TYPES,
  conversationText,
  type AudioType,
  type Transcript,
  type Transcripts,
} from '#domain/transcripts.ts';

export type AudioFile = { filename: string; size_mb: number; path: string };
export type AudioFiles = Partial<Record<AudioType, AudioFile>>;
export type SignPath = (path: string) => string;

const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,150}\.(?:wav|mp3)$/;
const BYTES_PER_MB = 1024 * 1024;

const isoOf = (time: Date | null): string | null => time?.toISOString() ?? null;

/** Pages print a bare 0 where a number is 0. */
const orNull = (value: number | null): number | null => value || null;

const secondsBetween = (from: Date | null, to: Date | null): number | null =>
  from && to ? orNull(Math.max(0, Math.round((to.getTime() - from.getTime()) / 1_000))) : null;

/** A file is never shown as empty. */
const sizeInMb = (bytes: number): number => Math.max(0.01, Math.round((bytes / BYTES_PER_MB) * 100) / 100);

/** Null until the call is over and its recording published. */
export const showAudioFiles = (session: SessionFacts, sign: SignPath): AudioFiles | null => {
  const { sessionId, endedAt, recording } = session;
  if (!endedAt || recording?.state !== 'published') return null;
  const files: AudioFiles = {};
  for (const type of AUDIO_TYPES) {
    const file = recording.files[type];
    if (!file || !PLAIN_NAME.test(file.fileName)) continue;
    const path = sign(`sessions/${sessionId}/${file.fileName}`);
    files[type] = { filename: file.fileName, size_mb: sizeInMb(file.bytes), path };
  }
  return Object.keys(files).length > 0 ? files : null;
};

const oneLine = (text: string) => (text.includes('\n') ? text.replaceAll(/\s*\n\s*/g, ' ') : text).trim();

/** The conversation so far, from what was transcribed while it was spoken. */
const liveTranscript = (session: SessionFacts): Transcript | null => {
  const conversation = session.segments
    .map(({ speaker, text }) => ({ speaker, text: oneLine(text) }))
    .filter(({ text }) => text !== '');
  if (conversation.length === 0) return null;
  const content = conversationText(conversation);
  return {
    content,
    conversation,
    success: true,
    language: session.transcriptLanguage,
    confidence: null,
    transcribed_at: (session.lastSegmentAt ?? session.startedAt).toISOString(),
    method: 'live',
    filename: null,
    file: null,
    length: content.length,
    text_length: content.length,
  };
};

/** `null` when there is none; what was transcribed from the files stands for what was heard live. */
export const showTranscripts = (session: SessionFacts): Transcripts | null => {
  const { mixed = liveTranscript(session) ?? undefined, incoming, outgoing } = session.transcripts ?? {};
  const transcripts = {
    ...(mixed ? { mixed } : {}),
    ...(incoming ? { incoming } : {}),
    ...(outgoing ? { outgoing } : {}),
  };
  return Object.keys(transcripts).length > 0 ? transcripts : null;
};

const statusOf = (given: unknown): Analysis['status'] => {
  const text = String(given).trim().toLowerCase().replaceAll(' ', '_');
  return ANALYSIS_STATUSES.find((status) => status === text) ?? 'undetermined';
};

export const showAnalysis = ({ analysis }: Pick<SessionFacts, 'analysis'>): Analysis | null => {
  if (typeof analysis !== 'object' || analysis === null || !('summary' in analysis)) return null;
  const { summary } = analysis;
  if (typeof summary !== 'string' || summary === '') return null;
  return { summary, status: statusOf('status' in analysis ? analysis.status : null) };
};

export const showSessionInfo = (session: SessionFacts) => ({
  caller_id: session.callerId,
  called_number: session.calledNumber,
  start_time: session.startedAt.toISOString(),
  end_time: isoOf(session.endedAt),
  duration_seconds: secondsBetween(session.startedAt, session.endedAt),
});

const STATUSES: ReadonlySet<string> = new Set(['pending', 'processing', 'completed', 'failed']);

const transcriptStatus = ({ transcriptStatus: stored, endedAt }: SessionFacts, hasTranscript: boolean) => {
  if (stored !== null && STATUSES.has(stored)) return stored;
  if (!hasTranscript) return null;
  return endedAt ? 'completed' : 'processing';
};

const showKeyPoints = (keyPoints: unknown): string[] | null => {
  const points = Array.isArray(keyPoints) ? keyPoints.filter((point) => typeof point === 'string') : [];
  return points.length > 0 ? points : null;
};

export type SessionViewOptions = {
  sign: SignPath;
  /** Any value makes the page play from a legacy exchange, and ignore our recordings. */
  showsLinkedId: boolean;
};

export const showSession = (session: SessionRecord, { sign, showsLinkedId }: SessionViewOptions) => {
  const transcripts = showTranscripts(session);
  const info = showSessionInfo(session);
  return {
    id: session.id,
    session_id: session.sessionId,
    campaign_id: session.campaignId,
    lead_id: session.leadId,
    lead_country: session.leadCountry,
    caller_id: session.callerId,
    called_number: session.calledNumber,
    status: session.status,
    started_at: info.start_time,
    answered_at: isoOf(session.answeredAt),
    ended_at: info.end_time,
    start_time: info.start_time,
    end_time: info.end_time,
    duration: info.duration_seconds,
    talk_time: secondsBetween(session.answeredAt, session.endedAt),
    recording_path: session.recordingPath,
    transcript_status: transcriptStatus(session, transcripts !== null),
    transcript_language: transcripts ? session.transcriptLanguage : null,
    sentiment_score: orNull(session.sentimentScore),
    interest_level: orNull(session.interestLevel),
    key_points: showKeyPoints(session.keyPoints),
    follow_up_required: session.followUpRequired,
    follow_up_notes: session.followUpNotes,
    transcripts,
    analysis: showAnalysis(session),
    audio_files: showAudioFiles(session, sign),
    session_info: info,
    asterisk_linkedid: showsLinkedId ? session.asteriskLinkedid : null,
  };
};

/** Null when it has no file that can be played. */
export const showRecording = (session: SessionFacts, sign: SignPath) => {
  const audioFiles = showAudioFiles(session, sign);
  if (!audioFiles) return null;
  return {
    session_id: session.sessionId,
    ...showSessionInfo(session),
    audio_files: audioFiles,
    has_recording: true,
    source: 'local' as const,
  };
};
