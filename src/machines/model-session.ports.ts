import type { CallbackActorLogic } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { ToolResponse } from '#domain/media-protocol.ts';
import type { CallTurn } from './call.types.ts';

export type LiveConnectionCommand =
  | { type: 'connection.greet' }
  | { type: 'connection.say'; text: string }
  | { type: 'connection.takeUp'; takeUp: TakeUp }
  | { type: 'connection.respond'; responses: readonly ToolResponse[] }
  /** Close handshake; the worker terminates the socket after the deadline. */
  | { type: 'connection.close'; deadlineMs: number };

export type LiveConnectionInput = {
  callId: CallId;
  generation: number;
  connection: number;
  resumptionHandle: string | null;
  /** The conversation has begun. */
  isGreeted: boolean;
};

/** Where the conversation was when it was lost: who had the turn, and how much of the agent's was heard. */
export type TakeUp = { turn: CallTurn | null; heard: { turn: number; ms: number } | null };

/** What a model session needs from the outside world. Implemented in `src/actors`. */
export type ModelSessionActors = {
  /** One Live connection in the media worker: opened on start, terminated on stop; tells every `model.*` fact. */
  liveConnection: CallbackActorLogic<LiveConnectionCommand, LiveConnectionInput>;
};

export type ModelSessionPorts = { actors: ModelSessionActors; now: () => number };
