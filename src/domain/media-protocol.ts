/**
 * The language between the control thread and a media worker. Audio never passes here.
 *
 * Commands and facts belong to one call and one `generation` of its media leg: the control thread raises it each
 * time it opens the leg anew, and the worker drops commands, and the control thread facts, of an older one.
 * A model connection has a number of its own (`connection`); the worker keeps at most one per call.
 * All times are milliseconds; `atMs` and `startMs`/`endMs` lie on the recording's clock (0 = leg opened).
 */
import type { CallId } from './call.ts';
import type { CalleeEvidence, CalleeKind } from './callee.ts';
import type { GreetingClip } from './greeting.ts';
import type { MediaAddress, NegotiatedMedia, RtpStatistics } from './media.ts';

/** How to open a Gemini Live session: everything the worker needs, nothing it must look up. */
export type LiveSessionSettings = {
  apiKey: string;
  /** Null: the SDK's default address. */
  baseUrl: string | null;
  apiVersion: string;
  model: string;
  voice: string | null;
  languageCode: string | null;
  systemInstruction: string;
  tools: readonly ToolDeclaration[];
  /** Handle of the session to resume, if any. */
  resumptionHandle: string | null;
  /** The conversation so far, for a fresh session that takes it up; sent before anything else. */
  history?: readonly { speaker: 'agent' | 'user'; text: string }[];
  connectTimeoutMs: number;
};

export type ToolDeclaration = { name: string; description: string; parametersJsonSchema: unknown };
export type ToolCall = { id: string; name: string; args: Record<string, unknown> };
export type ToolResponse = { id: string; name: string; response: Record<string, unknown> };

/** Where the RTP stream of a leg began. `openedAt` (epoch ms) is also the origin of the recording's clock. */
export type LegOrigin = {
  rtp: MediaAddress;
  ssrc: number;
  openedAt: number;
  firstSequence: number;
  firstTimestamp: number;
};

export type MediaCommand =
  /** Bind an RTP/RTCP port pair. Answered by `leg.opened` or `leg.failed`. Nothing is sent before `leg.connect`. */
  | { type: 'leg.open' }
  /**
   * Bind the same port again and go on where a worker that is gone left off: same SSRC; timestamp and sequence follow
   * from the origin and the time (sequence 100 further, marker set). Where that port cannot be had, another one is bound,
   * with another SSRC. Answered by `leg.opened`, which says where, or `leg.failed`.
   */
  | ({ type: 'leg.reopen' } & LegOrigin)
  /** Apply an offer/answer result: codec, address, direction. `signallingHost` and `allowedCidrs` feed the source rule. */
  | {
      type: 'leg.connect';
      media: NegotiatedMedia;
      signallingHost: string;
      allowedCidrs: readonly string[];
      /** Nobody has answered yet: what comes is watched, but neither heard by the model nor recorded. */
      isEarly?: boolean;
    }
  /**
   * Tell who has answered, from now on. `isUrgent`: something depends on it, so that what a callee says at length is
   * given to the model at once, also while the greeting is being played.
   */
  | { type: 'leg.detectCallee'; languages: readonly string[]; isUrgent: boolean }
  /** Release everything of this call. Answered by `leg.closed`, always. Closing an unknown leg is answered too. */
  | { type: 'leg.close' }
  /** Let go of everything of this call, which another process owns now: no packet, no frame, no write. Answered by `leg.closed`. */
  | { type: 'leg.abandon' }
  /** While hushed, nothing that the model says is played: it is cut as by a barge-in. */
  | { type: 'playout.hush'; isHushed: boolean }
  /** Say in this language (BCP 47) that the call cannot go on, after what is queued, whatever the caller says meanwhile. */
  | { type: 'playout.apologise'; language: string }
  /** While suspended, nothing that the model says is played, and it is given silence in place of the caller. */
  | { type: 'leg.suspend'; isSuspended: boolean }
  /** Report `playout.drained` when nothing is queued any more (at once if so already). */
  | { type: 'playout.drain' }
  /** Drop what is queued now; answered by `playout.flushed`. */
  | { type: 'playout.flush' }
  | { type: 'recording.start'; directory: string }
  /** Go on with a recording that was cut off: header repaired, the gap filled with silence on the same clock. */
  | { type: 'recording.resume'; directory: string; path: string; startedAt: number }
  /**
   * Write the header for the last time and close; what lies after the end of the call (epoch ms) is cut off. Answered
   * by `recording.stopped` or `recording.failed`.
   */
  | { type: 'recording.stop'; endedAt: number | null }
  /**
   * Answered by `model.opened`, or by `model.closed` with the reason. A second connection is refused. `isToGreet`: it
   * is given nothing, not even silence, before `model.greet`, as it might begin to speak while nobody is there.
   */
  | { type: 'model.connect'; connection: number; settings: LiveSessionSettings; isToGreet?: boolean }
  /**
   * Ask for the greeting with this text, or play the clip instead (where it cannot be read, the text is used); caller
   * audio is held until it has been played, then given to the model.
   */
  | { type: 'model.greet'; connection: number; text: string; clip: GreetingClip | null }
  /** Text in mid-session (`realtimeInput.text`). */
  | { type: 'model.say'; connection: number; text: string }
  | { type: 'model.respondToTools'; connection: number; responses: readonly ToolResponse[] }
  /** Close handshake; after `deadlineMs` the socket is terminated. Answered by `model.closed`. */
  | { type: 'model.close'; connection: number; deadlineMs: number };

export type ModelCloseCode =
  /** A WebSocket close code came (see `code`). */
  | 'closed'
  | 'connectTimeout'
  | 'connectFailed'
  | 'protocolError'
  /** We closed it. */
  | 'local';

export type TokenUsage = { promptTokens: number; responseTokens: number; totalTokens: number };

export type MediaFact =
  | ({ type: 'leg.opened' } & LegOrigin)
  /** `workerLost`: the thread died; told by the control side of the pool. The leg must be opened anew. */
  | { type: 'leg.failed'; code: 'portsExhausted' | 'bindFailed' | 'workerLost'; message: string }
  /** `leaked` names what this call still held and had to be forced. */
  | { type: 'leg.closed'; leaked: readonly string[]; statistics: RtpStatistics | null }
  | { type: 'media.sourceLocked'; source: MediaAddress }
  /** The first audio since the call was answered; told once. */
  | { type: 'media.heard' }
  /** No RTP for `silentMs`; reported once, until `media.resumed`. */
  | { type: 'media.starved'; silentMs: number }
  | { type: 'media.resumed' }
  | { type: 'media.digitPressed'; digit: string; durationMs: number }
  | { type: 'media.measured'; statistics: RtpStatistics }
  | { type: 'caller.startedSpeaking'; atMs: number }
  | { type: 'caller.stoppedSpeaking'; atMs: number }
  /** Who has answered, as far as is known; a later one takes an earlier one back. */
  | { type: 'callee.detected'; kind: CalleeKind; by: CalleeEvidence; atMs: number }
  /** The beep of an answering machine. */
  | { type: 'callee.beeped'; frequencyHz: number; atMs: number }
  /** First and last voiced packet of a stretch of agent speech left on the wire. */
  | { type: 'agent.startedSpeaking'; turn: number; atMs: number }
  | { type: 'agent.stoppedSpeaking'; turn: number; atMs: number }
  /** About once a second while the agent speaks: how much of this turn the caller has heard. */
  | { type: 'playout.heard'; turn: number; heardMs: number }
  | { type: 'playout.flushed'; turn: number; heardMs: number; droppedMs: number; by: 'model' | 'onset' | 'command' }
  | { type: 'playout.drained' }
  | { type: 'recording.started'; path: string; startedAt: number }
  | { type: 'recording.stopped'; path: string; durationMs: number; bytes: number }
  | { type: 'recording.failed'; code: string; message: string }
  | { type: 'model.opened'; connection: number }
  | {
      type: 'model.closed';
      connection: number;
      by: ModelCloseCode;
      code: number;
      reason: string;
      wasClean: boolean;
      /** It had not finished generating what it was saying. */
      isCut?: true;
    }
  /** The greeting has been played; what the caller said meanwhile is given to the model now. */
  | { type: 'model.greeted'; connection: number }
  | { type: 'model.interrupted'; connection: number; turn: number }
  | { type: 'model.turnCompleted'; connection: number; turn: number }
  | { type: 'model.toolCalled'; connection: number; calls: readonly ToolCall[] }
  | { type: 'model.toolCancelled'; connection: number; ids: readonly string[] }
  | { type: 'model.goingAway'; connection: number; timeLeftMs: number }
  | { type: 'model.resumptionUpdated'; connection: number; handle: string | null; resumable: boolean }
  | { type: 'model.used'; connection: number; usage: TokenUsage }
  /** A piece of what the caller said; belongs to the caller's turn before model turn `turn`. */
  | { type: 'transcript.callerSaid'; turn: number; text: string; atMs: number }
  /** A piece of what the agent says; `audioOffsetMs` = agent audio of this turn received before the piece. */
  | { type: 'transcript.agentSaid'; turn: number; text: string; atMs: number; audioOffsetMs: number }
  /** The turn is over: everything of it up to `heardMs` of its audio was heard. */
  | { type: 'transcript.turnEnded'; turn: number; atMs: number; heardMs: number; interrupted: boolean };

/** Sent to a worker. */
export type MediaRequest = { callId: CallId; generation: number; command: MediaCommand };

/** Sent by a worker. */
export type MediaReport = { callId: CallId; generation: number; fact: MediaFact };

/** About the worker itself, not about a call. `ledger` counts what it has open, for health and tests. */
export type WorkerRequest =
  | { type: 'worker.reportLedger' }
  /** Release everything and end. Streams that go on in another process end here without an RTCP BYE. */
  | { type: 'worker.stop'; streams: 'end' | 'goOn' }
  /** After `worker.frozen`: whose calls they are has been read again, and lost ones were abandoned. */
  | { type: 'worker.goOn' };
export type WorkerReport =
  | { type: 'worker.ready' }
  | { type: 'worker.ledger'; ledger: WorkerLedger }
  /** It stood still for longer than the lease; until `worker.goOn` nothing leaves it and commands wait. */
  | { type: 'worker.frozen'; gapMs: number }
  | { type: 'worker.fault'; callId: CallId | null; message: string };

export type WorkerLedger = {
  legs: number;
  sockets: number;
  ports: number;
  quarantinedPorts: number;
  modelConnections: number;
  recordings: number;
};

export type ToWorker = MediaRequest | WorkerRequest;
export type FromWorker = MediaReport | WorkerReport;

/** Index of the tick counter in the `Int32Array` over the shared buffer given to the worker. */
export const TICK_INDEX = 0;
