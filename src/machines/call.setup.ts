/** Named behaviour of the call machine: actions, guards and delays. The states are in `call.*.ts`. */
import { assertEvent, assign, emit, enqueueActions, sendTo, setup, spawnChild } from 'xstate';
import type { HangupCause } from '#domain/call.ts';
import { causeOfRefusal } from '#domain/outcome.ts';
import type { NegotiatedMedia } from '#domain/media.ts';
import type { DialogState } from '#domain/signalling.ts';
import type { CallPorts } from './call.ports.ts';
import type {
  CallContext,
  CallDeadlines,
  CallEmitted,
  CallEvent,
  CallInput,
  MediaLegCommand,
  ModelSessionCommand,
  RecordingCommand,
  SignallingCommand,
  TranscriptionCommand,
} from './call.types.ts';

type ChildCommand =
  | { child: 'model'; command: ModelSessionCommand }
  | { child: 'recording'; command: RecordingCommand }
  | { child: 'transcription'; command: TranscriptionCommand };

type CauseParams = { cause: HangupCause; detail?: string };

/** What is said to the model when the call is about to reach its longest allowed duration. */
const DURATION_WARNING =
  '[The call must end in a few seconds. Tell the caller so in one short sentence, in the language of the call, and say goodbye.]';

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
        input: ({ context: { callId, direction, ...context } }) => ({
          callId,
          direction,
          invite: {
            transactionId: context.transactionId,
            sipCallId: context.sipCallId,
            localTag: context.localTag,
            remoteTag: context.remoteTag ?? '',
            callerNumber: context.callerNumber,
            calledNumber: context.calledNumber,
            source: context.source,
            remoteSdp: context.remoteSdp,
          },
        }),
      }),
      spawnMediaLeg: spawnChild('mediaLeg', {
        id: 'media',
        input: ({ context: { callId, generation } }) => ({ callId, generation }),
      }),
      spawnModelSession: spawnChild('modelSession', {
        id: 'model',
        input: ({ context: { callId, generation, limits, isGreeted } }) => ({
          callId,
          generation,
          isGreeted,
          closeMs: limits.modelCloseMs,
        }),
      }),
      spawnRecording: spawnChild('recording', {
        id: 'recording',
        input: ({ context: { callId, generation, callerNumber, calledNumber } }) => ({
          callId,
          generation,
          parties: { callerNumber, calledNumber },
        }),
      }),
      spawnTranscription: spawnChild('transcription', {
        id: 'transcription',
        input: ({ context: { callId } }) => ({ callId }),
      }),
      signal: sendTo('signalling', (_, params: SignallingCommand) => params),
      answer: sendTo('signalling', ({ context }) => ({
        type: 'signalling.answer',
        address: context.rtp?.address ?? { host: '', port: 0 },
      })),
      place: sendTo('signalling', ({ context }) => ({
        type: 'signalling.place',
        address: context.rtp?.address ?? { host: '', port: 0 },
      })),
      mediate: sendTo('media', (_, params: MediaLegCommand) => params),
      connectMedia: enqueueActions(({ enqueue, context }) => {
        const { media, source } = context;
        if (media) enqueue.sendTo('media', { type: 'media.connect', media, signallingHost: source.host });
      }),
      // A child that has crashed is gone from the system; what is left of the call goes on without it.
      command: enqueueActions(({ enqueue, self }, params: ChildCommand) => {
        const { children } = self.getSnapshot();
        if (children[params.child]) enqueue.sendTo(params.child, params.command);
      }),
      warnOfEnd: enqueueActions(({ enqueue, self }) => {
        if (self.getSnapshot().children.model) enqueue.sendTo('model', { type: 'session.say', text: DURATION_WARNING });
      }),
      noteRtp: assign({
        rtp: ({ event }) => {
          assertEvent(event, 'leg.opened');
          const { rtp: address, ssrc, openedAt, firstSequence, firstTimestamp } = event;
          return { address, ssrc, openedAt, firstSequence, firstTimestamp };
        },
      }),
      noteDialog: assign((_, params: { dialog: DialogState; media: NegotiatedMedia | null }) => ({
        ...params,
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
      noteAnswered: assign({ answeredAt: () => now(), lastVoiceAt: () => now() }),
      noteHandle: assign({ resumptionHandle: (_, params: { handle: string | null }) => params.handle }),
      noteGreeted: assign({ isGreeted: true }),
      noteHeard: assign({
        heard: (_, params: { turn: number; heardMs: number }) => ({ turn: params.turn, ms: params.heardMs }),
      }),
      noteVoice: assign({ lastVoiceAt: () => now() }),
      noteRecording: assign({ recordingPath: (_, params: { path: string | null }) => params.path }),
      noteEnd: assign({ endedAt: ({ context }) => context.endedAt ?? now() }),
      setDeadline: assign({
        deadlines: ({ context }, params: { name: keyof CallDeadlines; inMs: number }) => ({
          ...context.deadlines,
          [params.name]: now() + params.inMs,
        }),
      }),
      /** The first cause stands: what comes later is a consequence. */
      recordCause: assign(({ context }, params: CauseParams) =>
        context.cause === null ? { cause: params.cause, causeDetail: params.detail ?? null } : {},
      ),
      recordRefusal: assign(({ context, event }) => {
        assertEvent(event, 'callee.refused');
        if (context.cause !== null) return {};
        return {
          cause: causeOfRefusal(event.status, context.wasRinging),
          causeDetail: `${event.status} ${event.reason}`.trim(),
        };
      }),
      keepIntents: assign({
        openIntents: ({ event }) => {
          assertEvent(event, 'session.toolsCalled');
          return event.calls;
        },
      }),
      dropIntents: assign({
        openIntents: ({ context, event }) => {
          assertEvent(event, 'session.toolsCancelled');
          return context.openIntents.filter((call) => !event.ids.includes(call.id));
        },
      }),
      keepOutcome: assign({
        outcome: ({ context }) => {
          const args = context.openIntents.find((call) => call.name === 'record_outcome')?.args;
          if (!args) return context.outcome;
          const { result, notes } = args;
          return {
            result: typeof result === 'string' ? result.slice(0, 200) : 'unknown',
            notes: typeof notes === 'string' ? notes.slice(0, 1_000) : null,
          };
        },
      }),
      respondToIntents: enqueueActions(({ enqueue, context, self }) => {
        if (context.openIntents.length === 0 || !self.getSnapshot().children.model) return;
        const responses = context.openIntents.map(({ id, name }) => ({
          id,
          name,
          response:
            name === 'end_call' || name === 'record_outcome'
              ? { result: 'ok' }
              : { error: `There is no tool named ${name}.` },
        }));
        enqueue.sendTo('model', { type: 'session.respond', responses });
      }),
      forgetIntents: assign({ openIntents: [] }),
      emitFailure: emit((_, params: { step: string; error: unknown }) => ({ type: 'call.stepFailed', ...params })),
      emitIgnored: emit(({ event }) => ({ type: 'call.eventIgnored', ignored: event.type })),
    },
    guards: {
      // Unguarded, `*` would also match `xstate.error.actor.*` and hide a crashed child.
      isOwnEvent: ({ event }) => !event.type.startsWith('xstate.'),
      isInbound: ({ context }) => context.direction === 'inbound',
      /** The peer holds us: it wants nothing from us, or has told us nowhere to send it. */
      isHold: (_, params: { media: NegotiatedMedia }) =>
        params.media.remote === null || params.media.direction === 'inactive' || params.media.direction === 'recvonly',
      lacksMedia: ({ context, event }) => {
        assertEvent(event, 'dialog.acknowledged');
        return event.media === null && context.media === null;
      },
      wantsToEnd: ({ context }) => context.openIntents.some((call) => call.name === 'end_call'),
      hasIntents: ({ context }) => context.openIntents.length > 0,
    },
    delays: {
      answerDeadline: ({ context }) => remaining(context.deadlines.answer, now()),
      acknowledgeDeadline: ({ context }) => remaining(context.deadlines.acknowledge, now()),
      ringDeadline: ({ context }) => remaining(context.deadlines.ring, now()),
      warningDeadline: ({ context }) => remaining(context.deadlines.maxDuration, now() + context.limits.warningMs),
      durationDeadline: ({ context }) => remaining(context.deadlines.maxDuration, now()),
      inactivityDeadline: ({ context }) => remaining(context.lastVoiceAt + context.limits.inactivityMs, now()),
      mediaOpenTimeout: 2_000,
      mediaLossTimeout: ({ context }) => context.limits.mediaLossMs,
      farewellTimeout: ({ context }) => context.limits.farewellMs,
      cancelTimeout: ({ context }) => context.limits.acknowledgeMs,
      byeTimeout: ({ context }) => context.limits.byeMs,
      modelCloseTimeout: ({ context }) => context.limits.modelCloseMs + 1_000,
      recordingTimeout: ({ context }) => context.limits.recordingMs,
      transcriptTimeout: ({ context }) => context.limits.transcriptMs,
      mediaReleaseTimeout: ({ context }) => context.limits.mediaReleaseMs,
    },
  });

const remaining = (deadline: number | null, from: number) => (deadline === null ? 0 : Math.max(0, deadline - from));

export type CallSetup = ReturnType<typeof createCallSetup>;
