import { fromCallback, fromPromise, type AnyStateMachine, type AnyStateNode, type EventObject } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createCallMachine } from '#machines/call.machine.ts';
import { createModelSessionMachine } from '#machines/model-session.machine.ts';
import { createRecordingMachine } from '#machines/recording.machine.ts';
import { createTranscriptionMachine } from '#machines/transcription.machine.ts';

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
    signallingLeg: callback(),
    mediaLeg: callback(),
    modelSession,
    recording,
    transcription,
  },
});

const machines: [string, AnyStateMachine][] = [
  ['call', call],
  ['modelSession', modelSession],
  ['recording', recording],
  ['transcription', transcription],
];

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

describe.each(machines)('the %s machine', (_name, machine) => {
  it('handles the failure of everything it invokes', () => {
    const unhandled = nodesOf(machine.root).flatMap((node) =>
      node.invoke.filter((invoked) => !node.transitions.has(`xstate.error.actor.${invoked.id}`)).map(({ id }) => id),
    );
    expect(unhandled).toEqual([]);
  });

  it('reports an event that no state knows, and leaves the engine its own', () => {
    const [wildcard] = machine.root.transitions.get('*') ?? [];
    expect(wildcard?.guard).toBe('isOwnEvent');
    expect(wildcard?.actions).toEqual(['emitIgnored']);
  });

  it('names each state by what is true in it', () => {
    const names = nodesOf(machine.root).map(({ key }) => key);
    expect(names.filter((name) => !/^[a-z][A-Za-z]*$/.test(name))).toEqual([]);
  });
});
