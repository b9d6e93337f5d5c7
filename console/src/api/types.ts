/** What the pages read of the API. Times are ISO texts. */
import type { MachineChart } from '#domain/machine-chart.ts';

export type User = {
  id: number;
  username: string;
  email: string;
  role: 'superadmin' | 'admin' | 'agent';
  full_name: string;
  organization: string | null;
};

export type Quality = {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  jitterMs: number;
  roundTripMs: number | null;
  mos: number;
};

export type LiveCall = {
  callId: string;
  direction: 'inbound' | 'outbound';
  leadId: number | null;
  trunkId: number | null;
  state: string;
  turn: string | null;
  isOnHold: boolean;
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: string;
  answeredAt: string | null;
  quality: Quality | null;
  recording: string | null;
  modelState: string | null;
  epoch: number;
};

export type EndedNotice = {
  callId: string;
  at: string;
  status: string;
  cause: string | null;
  leaked: string[];
  last: LiveCall | null;
};

export type TranscriptSegment = {
  index: number;
  speaker: 'agent' | 'user';
  text: string;
  startMs: number;
  endMs: number;
  interrupted: boolean;
};

export type Transition = {
  seq: number;
  at: string;
  epoch: number;
  machine: string;
  machineVersion: number;
  actorPath: string;
  incarnation: number;
  eventType: string;
  event: unknown;
  fromState: string | null;
  toState: string;
  ignored: boolean;
};

export type ReplayedActor = {
  actorPath: string;
  incarnation: number;
  machine: string;
  machineVersion: number;
  state: string;
  context: Record<string, unknown> | null;
  diverged: { seq: number; eventType: string; recorded: string; computed: string }[];
};

export type Replay = { callId: string; seq: number; at: string | null; actors: ReplayedActor[] };

export type MachineCharts = { machines: MachineChart[] };

export type CallSummary = {
  callId: string;
  direction: 'inbound' | 'outbound';
  status: string;
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  durationSeconds: number | null;
  cause: string | null;
};

export type CallPage = { calls: CallSummary[]; nextCursor: string | null };

export type CallDetail = CallSummary & {
  sipCallId: string | null;
  causeDetail: string | null;
  outcome: { result: string; notes: string | null } | null;
  recording: { state: string; durationMs: number | null; channels: string[]; failureCode: string | null } | null;
  live: LiveCall | null;
};

export type Transcript = { callId: string; complete: boolean; segments: TranscriptSegment[] };
export type TimelinePage = { callId: string; transitions: Transition[]; nextCursor: string | null };

export type AudioFile = { filename: string; size_mb: number; path: string };
export type AudioFiles = { mixed?: AudioFile; incoming?: AudioFile; outgoing?: AudioFile };

export type BatchTranscript = {
  content: string;
  conversation?: { speaker: 'agent' | 'user'; text: string }[];
  success: boolean;
  error?: string;
  language: string | null;
  method: string;
};

export type Session = {
  id: number;
  session_id: string;
  campaign_id: number | null;
  lead_id: number | null;
  caller_id: string | null;
  called_number: string | null;
  status: string;
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  duration: number | null;
  talk_time: number | null;
  transcript_status: string | null;
  transcripts: { mixed?: BatchTranscript; incoming?: BatchTranscript; outgoing?: BatchTranscript } | null;
  analysis: { summary: string; status: string } | null;
  audio_files: AudioFiles | null;
};
