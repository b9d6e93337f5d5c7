/** Joins the ports of a call's machines with the adapters that implement them. */
import { createChangeTrunkActor, type ChangeTrunkDeps } from '#actors/change-trunk.actor.ts';
import { createCommitActor } from '#actors/commit.actor.ts';
import { createLiveConnectionActor, type LiveConnectionDeps } from '#actors/live-connection.actor.ts';
import { createMediaLegActor, type MediaLegDeps } from '#actors/media-leg.actor.ts';
import { createRecorderActor, type RecorderDeps } from '#actors/recorder.actor.ts';
import {
  createPublishRecordingActor,
  createReportFailedRecordingActor,
  type RecordingPublicationDeps,
} from '#actors/recording-publication.actor.ts';
import { createSignallingLegActor, type SignallingLegDeps } from '#actors/signalling-leg.actor.ts';
import { createTranscriptKeeperActor, type TranscriptKeeperDeps } from '#actors/transcript-keeper.actor.ts';
import type { Journal } from '#domain/journal.ts';
import { CALL_MACHINE_VERSION } from '#machines/call.types.ts';
import { createCallMachine, type CallLogic } from '#machines/call.machine.ts';
import { CAMPAIGN_MACHINE_VERSION } from '#machines/campaign.machine.ts';
import { createModelSessionMachine, MODEL_SESSION_MACHINE_VERSION } from '#machines/model-session.machine.ts';
import { createRecordingMachine, RECORDING_MACHINE_VERSION } from '#machines/recording.machine.ts';
import { createTranscriptionMachine, TRANSCRIPTION_MACHINE_VERSION } from '#machines/transcription.machine.ts';

export type CallActorsDeps = ChangeTrunkDeps &
  SignallingLegDeps &
  MediaLegDeps &
  LiveConnectionDeps &
  RecorderDeps &
  RecordingPublicationDeps &
  TranscriptKeeperDeps & { journal: Pick<Journal, 'durable'>; now: () => number };

/** By machine id, as the journal writes it beside each transition. */
export const MACHINE_VERSIONS: Readonly<Record<string, number>> = {
  call: CALL_MACHINE_VERSION,
  modelSession: MODEL_SESSION_MACHINE_VERSION,
  recording: RECORDING_MACHINE_VERSION,
  transcription: TRANSCRIPTION_MACHINE_VERSION,
  campaign: CAMPAIGN_MACHINE_VERSION,
};

export const createCallLogic = (deps: CallActorsDeps): CallLogic =>
  createCallMachine({
    now: deps.now,
    actors: {
      commit: createCommitActor(deps),
      changeTrunk: createChangeTrunkActor(deps),
      signallingLeg: createSignallingLegActor(deps),
      mediaLeg: createMediaLegActor(deps),
      modelSession: createModelSessionMachine({
        now: deps.now,
        actors: { liveConnection: createLiveConnectionActor(deps) },
      }),
      recording: createRecordingMachine({
        actors: {
          recorder: createRecorderActor(deps),
          publishRecording: createPublishRecordingActor(deps),
          reportFailedRecording: createReportFailedRecordingActor(deps),
        },
      }),
      transcription: createTranscriptionMachine({
        actors: { transcriptKeeper: createTranscriptKeeperActor(deps) },
      }),
    },
  });
