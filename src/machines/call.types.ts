/** Vocabulary of the call machine: what it knows, what it hears, what it tells. */
import type { CallDirection, CallId, CallLinks, HangupCause, RecordedOutcome } from '#domain/call.ts';
import type { AnsweringMachinePolicy, CalleeKind } from '#domain/callee.ts';
import type { OutgoingRoute } from '#domain/dial-plan.ts';
import type { LegFact } from '#domain/leg-facts.ts';
import type { LegOrigin, ToolCall } from '#domain/media-protocol.ts';
import type { MediaAddress, NegotiatedMedia } from '#domain/media.ts';
import type { DialogState, IncomingInvite, SignallingEvent } from '#domain/signalling.ts';

export const CALL_MACHINE_VERSION = 2;

/** How long things may take, in milliseconds. Fixed for a call when it begins. */
export type CallLimits = {
  commitMs: number;
  answerDelayMs: number;
  /** 64·T1 (RFC 3261 13.3.1.4). */
  acknowledgeMs: number;
  ringMs: number;
  maxDurationMs: number;
  /** Spoken warning this long before the maximum duration. */
  warningMs: number;
  inactivityMs: number;
  mediaLossMs: number;
  farewellMs: number;
  byeMs: number;
  modelCloseMs: number;
  recordingMs: number;
  transcriptMs: number;
  mediaReleaseMs: number;
};

export type CallTurn = 'greeting' | 'listening' | 'callerSpeaking' | 'thinking' | 'agentSpeaking';

/** Absolute times in epoch milliseconds, so that they hold across a restart of the process. */
export type CallDeadlines = {
  answer: number | null;
  acknowledge: number | null;
  ring: number | null;
  maxDuration: number | null;
};

/** Everything recovery needs, and nothing else; JSON of at most about 2 KB. */
export type CallContext = {
  /** Top state in which the call was lost; kept until it talks again, in case of another loss. */
  was: string | null;
  callId: CallId;
  direction: CallDirection;
  epoch: number;
  /** Absent from what older versions wrote. */
  links?: CallLinks;
  generation: number;
  transactionId: string;
  sipCallId: string;
  localTag: string;
  remoteTag: string | null;
  callerNumber: string | null;
  calledNumber: string | null;
  source: IncomingInvite['source'];
  remoteSdp: string | null;
  dialog: DialogState | null;
  media: NegotiatedMedia | null;
  rtp: LegOrigin | null;
  language: string;
  /** Sealed. */
  resumptionHandle: string | null;
  isGreeted: boolean;
  /** We have the other side on hold. Absent from what older versions wrote. */
  isHeld?: boolean;
  heard: { turn: number; ms: number } | null;
  /** Who had the turn, and so who owes the next word, when the process was lost. */
  turn: CallTurn | null;
  /** The file being written, and the origin of its clock. */
  take: { path: string; startedAt: number } | null;
  /** The published recording. */
  recordingPath: string | null;
  /** Tool calls whose intent is being made durable. */
  openIntents: readonly ToolCall[];
  startedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  lastVoiceAt: number;
  wasRinging: boolean;
  /** Who has answered; absent from what older versions wrote, as long as it is not known, and of inbound calls. */
  callee?: CalleeKind;
  /** What is done about an answering machine; absent: nothing. */
  answeringMachine?: AnsweringMachinePolicy;
  /** Of a call that we place: the ways it may leave, best first, and the one it takes. */
  routes: readonly OutgoingRoute[];
  routeIndex: number;
  deadlines: CallDeadlines;
  limits: CallLimits;
  /** Children that threw; the call goes on without them, or ends. */
  crashed: readonly ('model' | 'recording' | 'transcription')[];
  cause: HangupCause | null;
  causeDetail: string | null;
  outcome: RecordedOutcome | null;
};

export type CallInput = {
  callId: CallId;
  direction: CallDirection;
  epoch: number;
  startedAt: number;
  invite: IncomingInvite;
  /** Absent: nobody's. */
  links?: CallLinks;
  language: string;
  limits: CallLimits;
  answeringMachine?: AnsweringMachinePolicy;
  /** Of a call that we place; `invite` is then what is known of ours. */
  routes?: readonly OutgoingRoute[];
};

/** What the child machines and actors of a call tell it. */
export type SessionEvent =
  | { type: 'session.ready' }
  /** It has lost its connection and has another one; `isCut`: in the middle of what it was saying. */
  | { type: 'session.back'; isCut: boolean }
  | { type: 'session.greeted' }
  /** The model can take the conversation up again by this sealed handle. */
  | { type: 'session.resumable'; handle: string | null }
  | { type: 'session.toolsCalled'; calls: readonly ToolCall[] }
  | { type: 'session.toolsCancelled'; ids: readonly string[] }
  /** Nothing more can be expected of the model. */
  | { type: 'session.lost'; detail: string }
  | { type: 'session.closed' };

export type SignallingResult =
  | { type: 'signalling.answered'; dialog: DialogState; media: NegotiatedMedia | null }
  | { type: 'signalling.hungUp'; status: number }
  /** The other side has agreed to be put on hold, or to be taken back. */
  | { type: 'signalling.held'; isHeld: boolean }
  | { type: 'signalling.refused' }
  | { type: 'signalling.failed'; step: SignallingCommand['type']; code: string; message: string };

/** What XState tells of a child that threw. */
type ChildCrashed = {
  type: 'xstate.error.actor.model' | 'xstate.error.actor.recording' | 'xstate.error.actor.transcription';
  error: unknown;
};

/** What an operator may want of a call that talks. */
export type OperatorOrder =
  /** Connect the other side with this number instead. */
  | { type: 'operator.transfer'; number: string }
  /** The other side waits, and neither hears nor is heard; or it is taken back. */
  | { type: 'operator.hold' }
  | { type: 'operator.unhold' }
  /** Said to the model, in brackets: an instruction, not speech. */
  | { type: 'operator.say'; text: string };

export type CallEvent =
  | ChildCrashed
  | SignallingEvent
  | SignallingResult
  | LegFact
  | SessionEvent
  | { type: 'recording.began'; path: string; startedAt: number }
  | { type: 'recording.settled'; path: string | null; error: string | null }
  | { type: 'transcript.settled'; error: string | null }
  /** Told by the process that has taken the call over. */
  | { type: 'call.recover' }
  | { type: 'operator.hangUp' }
  | OperatorOrder
  /** The process is going down; calls that are still up at the end of the drain get this. */
  | { type: 'system.shutDown' };

/** The SIP server knows nothing of the dialog (any more): there is nobody to say goodbye to. */
export const dialogGone = (reason: string | null) =>
  ({ cause: 'fault', detail: reason ?? 'The SIP server does not know the dialog any more.' }) as const;

export type CallEmitted =
  { type: 'call.stepFailed'; step: string; error: unknown } | { type: 'call.eventIgnored'; ignored: string };

export type SignallingCommand =
  | { type: 'signalling.ring' }
  | { type: 'signalling.answer'; address: MediaAddress }
  | { type: 'signalling.place'; address: MediaAddress; route: OutgoingRoute; calledNumber: string }
  | { type: 'signalling.refuse'; status: number; retryAfterSeconds: number | null }
  | { type: 'signalling.cancel' }
  | { type: 'signalling.hold'; isHeld: boolean }
  | { type: 'signalling.transfer'; number: string; by: 'agent' | 'operator' }
  /** Our media are somewhere else than the peer has been told. */
  | { type: 'signalling.moveMedia'; address: MediaAddress }
  | { type: 'signalling.hangUp'; reason: string };

export type MediaLegCommand =
  /** `isEarly`: before the answer. */
  | { type: 'media.connect'; media: NegotiatedMedia; signallingHost: string; isEarly?: boolean }
  /** Stop sending; what is queued is dropped. */
  | { type: 'media.mute' }
  /** Say that the call cannot go on, without the model. */
  | { type: 'media.apologise'; language: string }
  | { type: 'media.drain' }
  | { type: 'media.detectCallee'; languages: readonly string[]; isUrgent: boolean }
  /** Nothing that the model says is played; or it is again. */
  | { type: 'media.hush'; isHushed: boolean }
  /** Neither side hears the other; or they do again. */
  | { type: 'media.suspend'; isSuspended: boolean }
  | { type: 'media.release' };

export type ModelSessionCommand =
  | { type: 'session.connect' }
  | { type: 'session.greet' }
  /** Go on where the conversation was when the connection was lost. */
  | { type: 'session.takeUp'; takeUp: { turn: CallTurn; heard: CallContext['heard'] } }
  | { type: 'session.say'; text: string }
  | { type: 'session.respond'; responses: readonly { id: string; name: string; response: Record<string, unknown> }[] }
  | { type: 'session.close' };

export type RecordingCommand = { type: 'recording.begin' } | { type: 'recording.finish'; endedAt: number | null };
export type TranscriptionCommand = { type: 'transcript.flush' };
