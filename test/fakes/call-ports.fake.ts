/** Fake ports of the call machine: every command is kept in order, every fact is told by the test. */
import {
  fromCallback,
  fromPromise,
  SimulatedClock,
  createActor,
  type AnyEventObject,
  type EventObject,
  type InspectionEvent,
} from 'xstate';
import type { CallDirection, CallId } from '#domain/call.ts';
import type { AnsweringMachinePolicy } from '#domain/callee.ts';
import type { OutgoingRoute } from '#domain/dial-plan.ts';
import type { MediaFact } from '#domain/media-protocol.ts';
import { createCallMachine } from '#machines/call.machine.ts';
import type { Barrier } from '#machines/call.ports.ts';
import type { CallContext, CallEvent, CallLimits } from '#machines/call.types.ts';
import { createModelSessionMachine } from '#machines/model-session.machine.ts';
import { createRecordingMachine } from '#machines/recording.machine.ts';
import { createTranscriptionMachine } from '#machines/transcription.machine.ts';

export const CALL_ID = '417252eb-ca15-4ca7-b518-a5e053ad59d1' as CallId;

export const LIMITS: CallLimits = {
  commitMs: 3_000,
  answerDelayMs: 4_000,
  acknowledgeMs: 33_000,
  ringMs: 45_000,
  maxDurationMs: 1_800_000,
  warningMs: 15_000,
  inactivityMs: 60_000,
  mediaLossMs: 20_000,
  farewellMs: 10_000,
  byeMs: 5_000,
  modelCloseMs: 1_000,
  recordingMs: 10_000,
  transcriptMs: 4_000,
  mediaReleaseMs: 2_000,
};

export const INVITE = {
  transactionId: 'txn-1',
  sipCallId: 'sip-1',
  remoteTag: 'theirs',
  localTag: 'ours',
  callerNumber: '+359888123456',
  calledNumber: '+359898995151',
  source: { host: '127.0.0.1', port: 5062, protocol: 'udp' },
  remoteSdp: 'v=0',
};

export const MEDIA = {
  codec: 'PCMU',
  payloadType: 0,
  dtmfReceivePayloadType: 101,
  dtmfSendPayloadType: 101,
  remote: { host: '127.0.0.1', port: 4000 },
  direction: 'sendrecv',
  ptimeMs: 20,
} as const;

export const DIALOG = {
  id: 'sip-1;from-tag=theirs',
  type: 'uas',
  sip: { callId: 'sip-1', localTag: 'ours', remoteTag: 'theirs' },
  local: { uri: 'sip:us', sdp: 'v=0 ours', contact: 'sip:us' },
  remote: { uri: 'sip:them', sdp: 'v=0 theirs' },
  onHold: false,
} as const;

const ROUTE: OutgoingRoute = { trunkId: 1, slot: null, callerNumber: null, sipCallId: 'sip-1', localTag: 'ours' };

type FakeCallOptions = {
  direction?: CallDirection;
  limits?: CallLimits;
  answeringMachine?: AnsweringMachinePolicy;
  routes?: readonly OutgoingRoute[];
  /** A call that another process has lost, `atMs` on the clock. */
  lost?: { context: CallContext; atMs: number };
  inspect?: (event: InspectionEvent) => void;
  clock?: SimulatedClock;
};

type Settling = { resolve: () => void; reject: (error: Error) => void };

/** One call with fake ports on a simulated clock. `did` is every command that left the machines, in order. */
export const startFakeCall = ({ direction = 'inbound', limits = LIMITS, lost, ...options }: FakeCallOptions = {}) => {
  const clock = options.clock ?? new SimulatedClock();
  if (lost) clock.set(lost.atMs);
  const did: string[] = [];
  const sent: { to: string; command: unknown }[] = [];
  const emitted: unknown[] = [];
  const barriers = new Map<Barrier, Settling>();
  const changes: { resolve: (isTaken: boolean) => void; reject: (error: Error) => void }[] = [];
  const listeners = new Map<string, (event: { type: string }) => void>();
  const errors: unknown[] = [];

  const note = (to: string, command: { type: string }) => {
    did.push(command.type);
    sent.push({ to, command });
  };
  const callback = <Command extends EventObject, Input>(name: string) =>
    fromCallback<Command, Input>(({ receive, sendBack }) => {
      did.push(`${name} started`);
      listeners.set(name, sendBack);
      receive((command) => note(name, command));
      return () => {
        did.push(`${name} stopped`);
        listeners.delete(name);
      };
    });

  const machine = createCallMachine({
    now: () => clock.now(),
    actors: {
      commit: fromPromise<void, { callId: CallId; barrier: Barrier; timeoutMs: number }>(
        ({ input }) =>
          new Promise<void>((resolve, reject) => {
            did.push(`commit ${input.barrier}`);
            barriers.set(input.barrier, { resolve, reject });
          }),
      ),
      changeTrunk: fromPromise<boolean, { callId: CallId; trunkId: number }>(
        ({ input }) =>
          new Promise<boolean>((resolve, reject) => {
            did.push(`change to trunk ${input.trunkId}`);
            changes.push({ resolve, reject });
          }),
      ),
      signallingLeg: callback('signalling'),
      mediaLeg: callback('media'),
      modelSession: createModelSessionMachine({
        now: () => clock.now(),
        actors: { liveConnection: callback('connection') },
      }),
      recording: createRecordingMachine({
        actors: {
          recorder: callback('recorder'),
          publishRecording: fromPromise(async () => ({ path: `sessions/${CALL_ID}/recording.wav` })),
          reportFailedRecording: fromPromise(async () => {}),
        },
      }),
      transcription: createTranscriptionMachine({ actors: { transcriptKeeper: callback('keeper') } }),
    },
  });

  const actor = createActor(machine, {
    id: CALL_ID,
    clock,
    ...(options.inspect ? { inspect: options.inspect } : {}),
    ...(lost ? { snapshot: machine.resolveState({ value: 'restored', context: lost.context }) } : {}),
    input: {
      ...{ callId: CALL_ID, direction, epoch: 1, startedAt: 0, invite: INVITE, language: 'en-US', limits },
      routes: options.routes ?? [ROUTE],
      ...(options.answeringMachine ? { answeringMachine: options.answeringMachine } : {}),
    },
  });
  actor.on('*', (event) => emitted.push(event));
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();

  const settled = async () => {
    // Promise actors settle over a few microtasks; nothing here waits for real time.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const settle = async (barrier: Barrier, how: (settling: Settling) => void) => {
    const settling = barriers.get(barrier);
    if (!settling) throw new Error(`No commit is waiting at the barrier ${barrier}.`);
    barriers.delete(barrier);
    how(settling);
    await settled();
  };

  return {
    actor,
    clock,
    did,
    sent,
    emitted,
    errors,
    settled,
    send: (event: CallEvent) => actor.send(event),
    /** As one of the outside actors would. */
    tell: (name: 'signalling' | 'media' | 'connection' | 'recorder' | 'keeper', event: AnyEventObject) => {
      const listener = listeners.get(name);
      if (!listener) throw new Error(`The actor ${name} is not running.`);
      listener(event);
    },
    fact: (name: 'media' | 'connection' | 'recorder', fact: MediaFact) => listeners.get(name)?.(fact),
    commit: (barrier: Barrier) => settle(barrier, ({ resolve }) => resolve()),
    failCommit: (barrier: Barrier, message = 'no database') =>
      settle(barrier, ({ reject }) => reject(new Error(message))),
    /** The answer to the last wish for another trunk. */
    changeTrunk: async (isTaken: boolean) => {
      changes.pop()?.resolve(isTaken);
      await settled();
    },
    state: () => {
      const { value } = actor.getSnapshot();
      return typeof value === 'string' ? value : Object.keys(value)[0];
    },
    context: () => actor.getSnapshot().context,
  };
};

export type FakeCall = ReturnType<typeof startFakeCall>;

export const LEG_OPENED = {
  type: 'leg.opened',
  rtp: { host: '127.0.0.1', port: 20_000 },
  ssrc: 7,
  openedAt: 0,
  firstSequence: 1,
  firstTimestamp: 160,
} as const;

/** Brings an inbound call to `alerting`. */
export const alert = async (call: FakeCall) => {
  call.fact('media', LEG_OPENED);
  await call.commit('opened');
};

/** Brings an inbound call to `talking`, greeted. */
export const talk = async (call: FakeCall) => {
  await alert(call);
  call.fact('connection', { type: 'model.opened', connection: 1 });
  call.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
  call.tell('recorder', { type: 'recording.started', path: 'recording.partial.wav', startedAt: 0 });
  call.tell('signalling', { type: 'dialog.acknowledged', media: null });
  call.fact('connection', { type: 'model.greeted', connection: 1 });
};

/** Answers everything that `closing` waits for, up to the last commit. */
export const finish = async (call: FakeCall) => {
  call.fact('connection', {
    type: 'model.closed',
    connection: 1,
    by: 'local',
    code: 1000,
    reason: '',
    wasClean: true,
  });
  call.fact('recorder', { type: 'recording.stopped', path: 'recording.partial.wav', durationMs: 1, bytes: 1 });
  call.fact('media', { type: 'playout.flushed', turn: 0, heardMs: 0, droppedMs: 0, by: 'command' });
  call.tell('keeper', { type: 'transcript.flushed', segments: 0 });
  await call.settled();
  call.fact('media', { type: 'leg.closed', leaked: [], statistics: null });
};
