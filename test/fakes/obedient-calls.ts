/** Logic of calls whose outside world does at once what it is told; to see whole calls pass without any. */
import { fromCallback, fromPromise, type InputFrom } from 'xstate';
import { createCommitActor } from '#actors/commit.actor.ts';
import type { CallId } from '#domain/call.ts';
import type { Journal } from '#domain/journal.ts';
import { createCallMachine, type CallLogic } from '#machines/call.machine.ts';
import type { CallActors } from '#machines/call.ports.ts';
import type { MediaLegCommand, SignallingCommand } from '#machines/call.types.ts';
import type { LiveConnectionCommand, LiveConnectionInput } from '#machines/model-session.ports.ts';
import { createModelSessionMachine } from '#machines/model-session.machine.ts';
import type { RecorderCommand, RecordingActors } from '#machines/recording.ports.ts';
import { createRecordingMachine } from '#machines/recording.machine.ts';
import { createTranscriptionMachine } from '#machines/transcription.machine.ts';
import { DIALOG, LEG_OPENED, MEDIA } from './call-ports.fake.ts';

type SignallingInput = InputFrom<CallActors['signallingLeg']>;
type MediaInput = InputFrom<CallActors['mediaLeg']>;

const signallingLeg = fromCallback<SignallingCommand, SignallingInput>(({ input, receive, sendBack }) => {
  if (input.abandoned) queueMicrotask(() => sendBack({ type: 'dialog.restored' }));
  receive(({ type }) => {
    if (type === 'signalling.answer') {
      sendBack({ type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
      sendBack({ type: 'dialog.acknowledged', media: null });
    }
    if (type === 'signalling.refuse') sendBack({ type: 'signalling.refused' });
    if (type === 'signalling.cancel') sendBack({ type: 'callee.refused', status: 487, reason: '' });
    if (type === 'signalling.hangUp') sendBack({ type: 'signalling.hungUp', status: 200 });
  });
});

const recorder = fromCallback<RecorderCommand, InputFrom<RecordingActors['recorder']>>(({ receive, sendBack }) => {
  const path = 'recording.partial.wav';
  queueMicrotask(() => sendBack({ type: 'recording.started', path, startedAt: 0 }));
  receive(() => sendBack({ type: 'recording.stopped', path, durationMs: 1, bytes: 1 }));
});

const liveConnection = fromCallback<LiveConnectionCommand, LiveConnectionInput>(({ input, receive, sendBack }) => {
  const { connection } = input;
  queueMicrotask(() => sendBack({ type: 'model.opened', connection }));
  receive(({ type }) => {
    if (type !== 'connection.close') return;
    sendBack({ type: 'model.closed', connection, by: 'local', code: 1000, reason: '', wasClean: true });
  });
});

/** `isBroken` names the call whose media leg throws. */
export const createObedientCalls = (journal: Journal, isBroken: (callId: CallId) => boolean = () => false): CallLogic =>
  createCallMachine({
    now: Date.now,
    actors: {
      commit: createCommitActor({ journal }),
      changeTrunk: fromPromise(async () => true),
      signallingLeg,
      mediaLeg: fromCallback<MediaLegCommand, MediaInput>(({ input, receive, sendBack }) => {
        if (isBroken(input.callId)) throw new Error('the media leg is broken');
        queueMicrotask(() => sendBack(LEG_OPENED));
        receive(({ type }) => {
          if (type === 'media.mute') {
            sendBack({ type: 'playout.flushed', turn: 0, heardMs: 0, droppedMs: 0, by: 'command' });
          }
          if (type === 'media.drain') sendBack({ type: 'playout.drained' });
          if (type === 'media.release') sendBack({ type: 'leg.closed', leaked: [], statistics: null });
        });
      }),
      modelSession: createModelSessionMachine({ now: Date.now, actors: { liveConnection } }),
      recording: createRecordingMachine({
        actors: {
          recorder,
          publishRecording: fromPromise(async () => ({ path: 'recording.wav' })),
          reportFailedRecording: fromPromise(async () => {}),
        },
      }),
      transcription: createTranscriptionMachine({
        actors: {
          transcriptKeeper: fromCallback(({ receive, sendBack }) => {
            receive(() => sendBack({ type: 'transcript.flushed', segments: 0 }));
          }),
        },
      }),
    },
  });
