import { fromCallback, fromPromise, type AnyStateMachine, type EventObject } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createCallMachine } from '#machines/call.machine.ts';
import { createCampaignMachine } from '#machines/campaign.machine.ts';
import { createModelSessionMachine } from '#machines/model-session.machine.ts';
import { createRecordingMachine } from '#machines/recording.machine.ts';
import { createTranscriptionMachine } from '#machines/transcription.machine.ts';
import { hasGuardedWildcard, nodesOf, unhandledFailures } from '../../fakes/machine-rules.ts';

const never = <T, I>() => fromPromise<T, I>(() => new Promise<T>(() => {}));
const callback = <C extends EventObject, I>() => fromCallback<C, I>(() => {});
const now = () => 0;

const modelSession = createModelSessionMachine({ now, actors: { liveConnection: callback() } });
const recording = createRecordingMachine({
  actors: { recorder: callback(), publishRecording: never(), reportFailedRecording: never() },
});
const transcription = createTranscriptionMachine({ actors: { transcriptKeeper: callback() } });
const call = createCallMachine({
  now,
  actors: {
    commit: never(),
    changeTrunk: never(),
    signallingLeg: callback(),
    mediaLeg: callback(),
    modelSession,
    recording,
    transcription,
  },
});

const campaign = createCampaignMachine({ now, actors: { dialling: callback(), complete: never() } });

const machines: [string, AnyStateMachine][] = [
  ['call', call],
  ['modelSession', modelSession],
  ['recording', recording],
  ['transcription', transcription],
  ['campaign', campaign],
];

describe.each(machines)('the %s machine', (_name, machine) => {
  it('handles the failure of everything it invokes', () => {
    expect(unhandledFailures(machine)).toEqual([]);
  });

  it('reports an event that no state knows, and leaves the engine its own', () => {
    expect(hasGuardedWildcard(machine)).toBe(true);
  });

  it('names each state by what is true in it', () => {
    const names = nodesOf(machine.root).map(({ key }) => key);
    expect(names.filter((name) => !/^[a-z][A-Za-z]*$/.test(name))).toEqual([]);
  });
});
