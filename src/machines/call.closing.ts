/** States in which a call comes to its end, the same for every outcome. */
import type { CallSetup } from './call.setup.ts';

/** What may still arrive while a call ends: answered on the wire, counted nowhere, changes nothing. */
const lateEvents = {
  'caller.hungUp': {},
  'caller.cancelled': {},
  'operator.hangUp': {},
  'system.shutDown': {},
  'dialog.acknowledged': {},
  'dialog.ackTimedOut': {},
  'dialog.gone': {},
  'session.toolsCalled': {},
  'session.toolsCancelled': {},
  'session.lost': {},
  'callee.refused': {},
  'signalling.refused': {},
} as const;

export const hangingUpState = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'sayingGoodbye',
    on: {
      // Our BYE crossed theirs: both are answered, the call is over.
      'caller.hungUp': '#call.closing',
      'dialog.ackTimedOut': '#call.closing',
      'dialog.gone': '#call.closing',
      'operator.hangUp': {},
      'system.shutDown': {},
      'caller.cancelled': {},
      'session.toolsCalled': {},
      'session.lost': {},
    },
    states: {
      playingOut: {
        entry: { type: 'mediate', params: { type: 'media.drain' } },
        on: { 'playout.drained': 'sayingGoodbye', 'leg.failed': 'sayingGoodbye' },
        after: { farewellTimeout: 'sayingGoodbye' },
      },
      sayingGoodbye: {
        entry: [
          'noteEnd',
          { type: 'mediate', params: { type: 'media.mute' } },
          {
            type: 'signal',
            params: ({ context }) => ({ type: 'signalling.hangUp', reason: context.cause ?? 'agentHungUp' }),
          },
        ],
        on: { 'signalling.hungUp': '#call.closing', 'signalling.failed': '#call.closing' },
        after: { byeTimeout: '#call.closing' },
      },
    },
  });

export const closingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: [
      'noteEnd',
      { type: 'mediate', params: { type: 'media.mute' } },
      { type: 'command', params: { child: 'model', command: { type: 'session.close' } } },
      {
        type: 'command',
        params: ({ context: { endedAt } }) => ({ child: 'recording', command: { type: 'recording.finish', endedAt } }),
      },
    ],
    on: lateEvents,
    initial: 'finishing',
    states: {
      finishing: {
        type: 'parallel',
        onDone: 'releasing',
        states: {
          model: {
            initial: 'closing',
            states: {
              closing: { on: { 'session.closed': 'closed' }, after: { modelCloseTimeout: 'closed' } },
              closed: { type: 'final' },
            },
          },
          recording: {
            initial: 'finalising',
            states: {
              finalising: {
                on: {
                  'recording.settled': {
                    target: 'settled',
                    actions: { type: 'noteRecording', params: ({ event }) => ({ path: event.path }) },
                  },
                },
                after: { recordingTimeout: 'settled' },
              },
              settled: { type: 'final' },
            },
          },
          transcript: {
            initial: 'cutting',
            states: {
              // The transcript ends with the last word that was heard.
              cutting: { on: { 'playout.flushed': 'flushing' }, after: { cutTimeout: 'flushing' } },
              flushing: {
                entry: { type: 'command', params: { child: 'transcription', command: { type: 'transcript.flush' } } },
                on: { 'transcript.settled': 'settled' },
                after: { transcriptTimeout: 'settled' },
              },
              settled: { type: 'final' },
            },
          },
        },
      },
      // After the recording has its last frame: the port goes to quarantine, the ledger of the worker is told.
      releasing: {
        entry: { type: 'mediate', params: { type: 'media.release' } },
        on: { 'leg.closed': 'settling' },
        after: { mediaReleaseTimeout: 'settling' },
      },
      settling: {
        invoke: {
          src: 'commit',
          input: ({ context }) => ({ callId: context.callId, barrier: 'outcome', timeoutMs: context.limits.commitMs }),
          onDone: '#call.ended',
          onError: {
            target: '#call.ended',
            actions: { type: 'emitFailure', params: ({ event }) => ({ step: 'commit', error: event.error }) },
          },
        },
      },
    },
  });
