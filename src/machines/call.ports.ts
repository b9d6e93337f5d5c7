import type { CallbackActorLogic, PromiseActorLogic } from 'xstate';
import type { CallDirection, CallId } from '#domain/call.ts';
import type { LegOrigin } from '#domain/media-protocol.ts';
import type { DialogState, IncomingInvite } from '#domain/signalling.ts';
import type { MediaLegCommand, SignallingCommand } from './call.types.ts';
import type { ModelSessionLogic } from './model-session.machine.ts';
import type { RecordingLogic } from './recording.machine.ts';
import type { TranscriptionLogic } from './transcription.machine.ts';

export type Barrier = 'opened' | 'intent' | 'outcome';

/** What a call needs from the outside world. Implemented in `src/actors`. */
export type CallActors = {
  /** Resolves when everything the call has done so far is durable; rejects when it cannot be. */
  commit: PromiseActorLogic<void, { callId: CallId; barrier: Barrier; timeoutMs: number }>;
  signallingLeg: CallbackActorLogic<
    SignallingCommand,
    {
      callId: CallId;
      direction: CallDirection;
      invite: IncomingInvite;
      /** Of a leg that is taken over; null for one that begins. */
      abandoned: { dialog: DialogState | null; epoch: number } | null;
    }
  >;
  /** Room on another trunk for a call that has room on one; false when it is full or gone. */
  changeTrunk: PromiseActorLogic<boolean, { callId: CallId; trunkId: number }>;
  mediaLeg: CallbackActorLogic<MediaLegCommand, { callId: CallId; generation: number; origin: LegOrigin | null }>;
  modelSession: ModelSessionLogic;
  recording: RecordingLogic;
  transcription: TranscriptionLogic;
};

export type CallPorts = {
  actors: CallActors;
  /** Epoch milliseconds; the same clock that drives the machine's delays. */
  now: () => number;
};
