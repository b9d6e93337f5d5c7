/** Named behaviour of the call machine: actions, guards and delays. The states are in `call.*.ts`. */
import { assertEvent, assign, emit, enqueueActions, sendTo, setup, spawnChild } from 'xstate';
import { isEndOfCall, outcomeIn } from '#domain/agent-tools.ts';
import type { HangupCause } from '#domain/call.ts';
import type { AnsweringMachinePolicy, CalleeKind } from '#domain/callee.ts';
import { isTrunkDown } from '#domain/outcome.ts';
import type { NegotiatedMedia } from '#domain/media.ts';
import type { DialogState } from '#domain/signalling.ts';
import { callDelays } from './call.delays.ts';
import { calleeDetection, causeOf, modelInput, recordingInput, responsesTo, signallingInput } from './call.inputs.ts';
import type { CallPorts } from './call.ports.ts';
import type {
  CallContext,
  CallDeadlines,
  CallEmitted,
  CallEvent,
  CallInput,
  CallTurn,
  MediaLegCommand,
  ModelSessionCommand,
  RecordingCommand,
  SignallingCommand,
  TranscriptionCommand,
} from './call.types.ts';

/** Each process that takes a call over numbers its segments from a range of its own. */
const SEGMENTS_PER_GENERATION = 10_000;

type ChildCommand =
  | { child: 'model'; command: ModelSessionCommand }
  | { child: 'recording'; command: RecordingCommand }
  | { child: 'transcription'; command: TranscriptionCommand };

const TRANSFER = 'transfer_call';
/** Id of an intent that no model has. */
const OPERATOR = 'operator';

type CauseParams = { cause: HangupCause; detail?: string };

const BEFORE_ANSWER: readonly string[] = ['opening', 'dialling', 'rerouting', 'ringing', 'cancelling'];

/** The last word of each child, for one that can say nothing any more. */
const SETTLED = {
  model: { type: 'session.closed' },
  recording: { type: 'recording.settled', path: null, error: 'The recording crashed.' },
  transcription: { type: 'transcript.settled', error: 'The transcription crashed.' },
} as const;

export const createCallSetup = ({ actors, now }: CallPorts) =>
  setup({
    types: {} as {
      input: CallInput;
      context: CallContext;
      events: CallEvent;
      emitted: CallEmitted;
      children: {
        signalling: 'signallingLeg';
        media: 'mediaLeg';
        model: 'modelSession';
        recording: 'recording';
        transcription: 'transcription';
      };
    },
    actors,
    actions: {
      spawnSignallingLeg: spawnChild('signallingLeg', {
        id: 'signalling',
        input: ({ context }) => signallingInput(context),
      }),
      spawnMediaLeg: spawnChild('mediaLeg', {
        id: 'media',
        input: ({ context: { callId, generation, rtp, was } }) => ({
          callId,
          generation,
          origin: was === null ? null : rtp,
        }),
      }),
      spawnModelSession: spawnChild('modelSession', {
        id: 'model',
        input: ({ context }) => modelInput(context),
      }),
      spawnRecording: spawnChild('recording', {
        id: 'recording',
        input: ({ context }) => recordingInput(context),
      }),
      spawnTranscription: spawnChild('transcription', {
        id: 'transcription',
        input: ({ context: { callId, generation } }) => ({
          callId,
          firstIndex: (generation - 1) * SEGMENTS_PER_GENERATION,
        }),
      }),
      signal: sendTo('signalling', (_, params: SignallingCommand) => params),
      answer: sendTo('signalling', ({ context }) => ({
        type: 'signalling.answer',
        address: context.rtp?.rtp ?? { host: '', port: 0 },
      })),
      place: enqueueActions(({ enqueue, context: { routes, routeIndex, rtp, calledNumber } }) => {
        const route = routes[routeIndex];
        if (!route || !rtp || calledNumber === null) return;
        enqueue.sendTo('signalling', { type: 'signalling.place', address: rtp.rtp, route, calledNumber });
      }),
      takeNextRoute: assign(({ context: { routes, routeIndex } }) => {
        const next = routes[routeIndex + 1];
        if (!next) return {};
        const { sipCallId, localTag, callerNumber } = next;
        return { routeIndex: routeIndex + 1, sipCallId, localTag, callerNumber };
      }),
      mediate: sendTo('media', (_, params: MediaLegCommand) => params),
      connectMedia: enqueueActions(({ enqueue, context }) => {
        const { media, source } = context;
        if (media) enqueue.sendTo('media', { type: 'media.connect', media, signallingHost: source.host });
      }),
      /** What sounds before the answer is watched, but not for the model. */
      connectEarlyMedia: enqueueActions(({ enqueue, context }) => {
        const { media, source } = context;
        if (!media) return;
        enqueue.sendTo('media', { type: 'media.connect', media, signallingHost: source.host, isEarly: true });
      }),
      // A child that has crashed is gone; for it, what it would have told in the end is told at once.
      command: enqueueActions(({ enqueue, context }, params: ChildCommand) => {
        if (context.crashed.includes(params.child)) enqueue.raise(SETTLED[params.child]);
        else enqueue.sendTo(params.child, params.command);
      }),
      noteCrash: assign({
        crashed: ({ context }, params: { child: ChildCommand['child'] }) => [...context.crashed, params.child],
      }),
      noteRtp: assign({
        rtp: ({ event }) => {
          assertEvent(event, 'leg.opened');
          const { rtp, ssrc, openedAt, firstSequence, firstTimestamp } = event;
          return { rtp, ssrc, openedAt, firstSequence, firstTimestamp };
        },
      }),
      noteDialog: assign(({ context }, params: { dialog: DialogState; media: NegotiatedMedia | null }) => ({
        dialog: params.dialog,
        // An answer may repeat nothing of what early media settled.
        media: params.media ?? context.media,
        remoteTag: params.dialog.sip.remoteTag,
        // Both descriptions are in the dialog from here on; the context stays small.
        remoteSdp: null,
      })),
      /** With a late offer the media are settled by the ACK. */
      noteAcknowledgedMedia: assign({
        media: ({ context, event }) => {
          assertEvent(event, 'dialog.acknowledged');
          return event.media ?? context.media;
        },
      }),
      noteEarlyMedia: assign({
        media: ({ context, event }) => {
          assertEvent(event, 'callee.ringing');
          return event.earlyMedia ?? context.media;
        },
      }),
      noteRinging: assign({ wasRinging: true }),
      noteCallee: assign({ callee: (_, params: { callee: CalleeKind }) => params.callee }),
      /** Who was talking when the call was lost has been found out, or never will be. */
      detectCallee: enqueueActions(({ enqueue, context }) => {
        const { direction, generation } = context;
        if (direction === 'outbound' && generation === 1) enqueue.sendTo('media', calleeDetection(context));
      }),
      noteAnswered: assign({ answeredAt: () => now(), lastVoiceAt: () => now() }),
      noteHandle: assign({ resumptionHandle: (_, params: { handle: string | null }) => params.handle }),
      /** An answered call that was lost before its ACK is answered from now on. */
      noteAnsweredBefore: assign({
        answeredAt: ({ context }) => context.answeredAt ?? now(),
        lastVoiceAt: () => now(),
      }),
      noteGreeted: assign({ isGreeted: true }),
      noteHeard: assign({
        heard: (_, params: { turn: number; heardMs: number }) => ({ turn: params.turn, ms: params.heardMs }),
      }),
      noteVoice: assign({ lastVoiceAt: () => now() }),
      noteHold: assign({ isHeld: (_, params: { isHeld: boolean }) => params.isHeld }),
      noteRecording: assign({ recordingPath: (_, params: { path: string | null }) => params.path }),
      noteTake: assign({ take: (_, params: { path: string; startedAt: number }) => params }),
      noteTurn: assign({ turn: (_, params: { turn: CallTurn }) => params.turn }),
      noteRecovery: assign({
        generation: ({ context }) => context.generation + 1,
        // Whoever asked for the rest is gone; the end of the call is wanted all the same.
        openIntents: ({ context }) => context.openIntents.filter(isEndOfCall),
      }),
      /** What was heard of a greeting that was cut off is taken up, not said again; a session from before knows nothing of it. */
      noteHeardGreeting: assign(({ context: { isGreeted, heard } }) =>
        isGreeted || heard === null ? {} : { isGreeted: true, resumptionHandle: null },
      ),
      forgetLoss: assign({ was: null }),
      noteEnd: assign({ endedAt: ({ context }) => context.endedAt ?? now() }),
      /** The BYE came while nobody was there: the call ended then, not now. */
      noteEndOfCaller: assign({
        endedAt: ({ context, event }) => {
          assertEvent(event, 'caller.hungUp');
          return context.endedAt ?? event.at ?? now();
        },
      }),
      setDeadline: assign({
        deadlines: ({ context }, params: { name: keyof CallDeadlines; inMs: number }) => ({
          ...context.deadlines,
          // One that was set stands, also across a loss of the process.
          [params.name]: context.deadlines[params.name] ?? now() + params.inMs,
        }),
      }),
      /** The first cause stands: what comes later is a consequence. */
      recordCause: assign(({ context }, params: CauseParams) =>
        context.cause === null ? { cause: params.cause, causeDetail: params.detail ?? null } : {},
      ),
      recordRefusal: assign(({ context, event }) => {
        assertEvent(event, 'callee.refused');
        return context.cause === null ? causeOf(event, context) : {};
      }),
      keepIntents: assign({
        openIntents: ({ event }) => {
          assertEvent(event, 'session.toolsCalled');
          return event.calls;
        },
      }),
      /** An operator orders what the model may ask for, on the same way. */
      keepOperatorIntent: assign({
        openIntents: ({ event }) => {
          assertEvent(event, 'operator.transfer');
          return [{ id: OPERATOR, name: TRANSFER, args: { number: event.number } }];
        },
      }),
      transfer: enqueueActions(({ enqueue, context }) => {
        const intent = context.openIntents.find(({ name }) => name === TRANSFER);
        const number = intent?.args['number'];
        const by = intent?.id === OPERATOR ? 'operator' : 'agent';
        const isNumber = typeof number === 'string';
        enqueue.sendTo('signalling', { type: 'signalling.transfer', number: isNumber ? number : '', by });
      }),
      tellTransferFailed: enqueueActions(({ enqueue, context }, { reason }: { reason: string }) => {
        if (context.crashed.includes('model')) return;
        const [intent] = context.openIntents.filter(({ name }) => name === TRANSFER);
        const error = `The transfer failed (${reason.slice(0, 200)}). Tell the other side, and go on with the conversation.`;
        if (!intent || intent.id === OPERATOR) enqueue.sendTo('model', { type: 'session.say', text: `[${error}]` });
        else {
          const responses = [{ id: intent.id, name: intent.name, response: { error } }];
          enqueue.sendTo('model', { type: 'session.respond', responses });
        }
      }),
      dropIntents: assign({
        openIntents: ({ context, event }) => {
          assertEvent(event, 'session.toolsCancelled');
          return context.openIntents.filter((call) => !event.ids.includes(call.id));
        },
      }),
      keepOutcome: assign({
        outcome: ({ context }) => outcomeIn(context.openIntents) ?? context.outcome,
      }),
      respondToIntents: enqueueActions(({ enqueue, context }) => {
        if (context.openIntents.length === 0 || context.crashed.includes('model')) return;
        enqueue.sendTo('model', { type: 'session.respond', responses: responsesTo(context.openIntents) });
      }),
      forgetIntents: assign({ openIntents: [] }),
      emitFailure: emit((_, params: { step: string; error: unknown }) => ({ type: 'call.stepFailed', ...params })),
      emitIgnored: emit(({ event }) => ({ type: 'call.eventIgnored', ignored: event.type })),
    },
    guards: {
      canChangeTrunk: ({ context, event }) => {
        assertEvent(event, 'callee.refused');
        return context.routeIndex + 1 < context.routes.length && isTrunkDown(event, context.wasRinging);
      },
      hasNextRoute: ({ context }) => context.routeIndex + 1 < context.routes.length,
      // Unguarded, `*` would also match `xstate.error.actor.*` and hide a crashed child.
      isOwnEvent: ({ event }) => !event.type.startsWith('xstate.'),
      isGreeted: ({ context }) => context.isGreeted,
      isHeld: ({ context }) => context.isHeld === true,
      isPolicy: ({ context }, params: { policy: AnsweringMachinePolicy }) => context.answeringMachine === params.policy,
      /** What the caller said last was not heard, or what they hear was cut off; while they speak, they are heard to the end. */
      owesWord: ({ context }, { isCut }: { isCut: boolean }) =>
        context.isGreeted && (context.turn === 'thinking' || (isCut && context.turn !== 'callerSpeaking')),
      wasIn: ({ context }, params: { states: readonly string[] }) => params.states.includes(context.was ?? ''),
      /** A call of ours: its INVITE may have left before it was written down that it does. */
      mayRing: ({ context }) => context.direction === 'outbound' && BEFORE_ANSWER.includes(context.was ?? ''),
      /** An answer comes early from some gateways: whoever was called is there once there is sound. */
      mustAwaitCallee: ({ context }) => context.direction === 'outbound' && context.was === null,
      /** An answer that leaves nothing to talk with. */
      isAnsweredWithoutMedia: ({ context, event }) => {
        assertEvent(event, 'callee.answered');
        return event.media === null && context.media === null;
      },
      isInbound: ({ context }) => context.direction === 'inbound',
      /** The peer holds us: it wants nothing from us, or has told us nowhere to send it. */
      isHold: (_, params: { media: NegotiatedMedia }) =>
        params.media.remote === null || params.media.direction === 'inactive' || params.media.direction === 'recvonly',
      lacksMedia: ({ context, event }) => {
        assertEvent(event, 'dialog.acknowledged');
        return event.media === null && context.media === null;
      },
      wantsTransfer: ({ context }) => context.openIntents.some((call) => call.name === TRANSFER),
      wantsToEnd: ({ context }) => context.openIntents.some(isEndOfCall),
      hasIntents: ({ context }) => context.openIntents.length > 0,
      isTakingLeave: ({ context }) => context.cause === 'agentHungUp' || context.openIntents.some(isEndOfCall),
    },
    delays: callDelays(now),
  });

export type CallSetup = ReturnType<typeof createCallSetup>;
