/** The machines without an outside world: for pure `transition()` over what a journal holds, and for their charts. */
import { fromCallback, fromPromise, type AnyStateMachine, type EventObject } from 'xstate';
import { createCallMachine } from '#machines/call.machine.ts';
import { createCampaignMachine } from '#machines/campaign.machine.ts';
import { createModelSessionMachine } from '#machines/model-session.machine.ts';
import { createRecordingMachine } from '#machines/recording.machine.ts';
import { createRegistrationMachine } from '#machines/registration.machine.ts';
import { createTranscriptionMachine } from '#machines/transcription.machine.ts';

const inert = <Command extends EventObject, Input>() => fromCallback<Command, Input>(() => {});
const never = <Output, Input>() => fromPromise<Output, Input>(() => new Promise(() => {}));

/** By machine id. `now` is asked instead of a clock: the time of the transition that is looked at. */
export const createInertMachines = (now: () => number): Readonly<Record<string, AnyStateMachine>> => {
  const modelSession = createModelSessionMachine({ now, actors: { liveConnection: inert() } });
  const recording = createRecordingMachine({
    actors: { recorder: inert(), publishRecording: never(), reportFailedRecording: never() },
  });
  const transcription = createTranscriptionMachine({ actors: { transcriptKeeper: inert() } });
  const call = createCallMachine({
    now,
    actors: {
      ...{ commit: never(), changeTrunk: never(), signallingLeg: inert(), mediaLeg: inert() },
      ...{ modelSession, recording, transcription },
    },
  });
  const campaign = createCampaignMachine({ now, actors: { dialling: inert(), complete: never() } });
  const registration = createRegistrationMachine({ now, actors: { register: never(), lease: inert() } });
  return { call, modelSession, recording, transcription, campaign, registration };
};
