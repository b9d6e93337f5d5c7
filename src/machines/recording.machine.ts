/**
 * The recording of one call, from the first frame to the published files.
 *
 *   idle ──▶ writing ──▶ finalising ──▶ publishing ──▶ published
 *               └────────────┴──────────────┴────────▶ reporting ──▶ failed
 */
import { assign, emit, enqueueActions, sendTo, setup } from 'xstate';
import type { CallId } from '#domain/call.ts';
import { faultOf, type Fault } from '#domain/fault.ts';
import type { RecordingFact } from '#domain/leg-facts.ts';
import type { Parties, RecordingPorts, Take } from './recording.ports.ts';

export const RECORDING_MACHINE_VERSION = 1;

type RecordingEvent =
  RecordingFact | { type: 'recording.begin' } | { type: 'recording.finish'; endedAt: number | null };

type RecordingContext = {
  callId: CallId;
  generation: number;
  parties: Parties;
  path: string | null;
  startedAt: number | null;
  durationMs: number;
  /** Of the call, when the recording had been cut off before. */
  endedAt: number | null;
  publishedPath: string | null;
  failure: Fault | null;
};

type ToCall =
  { type: 'recording.began'; path: string } | { type: 'recording.settled'; path: string | null; error: string | null };

const STOP_MS = 3_000;
const UNKNOWN_FAILURE: Fault = { code: 'unknown', message: 'The recording failed.' };

export const createRecordingMachine = ({ actors }: RecordingPorts) =>
  setup({
    types: {} as {
      input: { callId: CallId; generation: number; parties: Parties; take: Take | null };
      context: RecordingContext;
      events: RecordingEvent;
      emitted: { type: 'recording.eventIgnored'; ignored: string };
    },
    actors,
    actions: {
      noteStart: assign((_, params: { path: string; startedAt: number }) => params),
      noteDuration: assign((_, params: { durationMs: number }) => params),
      noteEnd: assign((_, params: { endedAt: number | null }) => params),
      notePublished: assign({ publishedPath: (_, params: { path: string }) => params.path }),
      noteFailure: assign({ failure: (_, params: Fault) => params }),
      stopRecorder: sendTo('recorder', (_, params: { endedAt: number | null }) => ({
        type: 'recorder.stop',
        ...params,
      })),
      // Looked at on its own, from the journal, the machine has no call to tell.
      tellCall: enqueueActions(({ enqueue, self }, params: ToCall) => {
        if (self._parent) enqueue.sendTo(self._parent, params);
      }),
      emitIgnored: emit(({ event }) => ({ type: 'recording.eventIgnored', ignored: event.type })),
    },
    guards: {
      hasTake: ({ context }) => context.path !== null,
      isOwnEvent: ({ event }) => !event.type.startsWith('xstate.'),
    },
    delays: { stopDeadline: STOP_MS },
  }).createMachine({
    id: 'recording',
    context: ({ input: { take, ...input } }) => ({
      ...input,
      path: take?.path ?? null,
      startedAt: take?.startedAt ?? null,
      durationMs: 0,
      endedAt: null,
      publishedPath: null,
      failure: null,
    }),
    initial: 'idle',
    on: { '*': { guard: 'isOwnEvent', actions: 'emitIgnored' } },
    states: {
      idle: {
        on: {
          'recording.begin': 'taking',
          // Cut off by the loss of a process, and not to go on: what there is of it is published.
          'recording.finish': [
            {
              guard: 'hasTake',
              target: 'publishing',
              actions: { type: 'noteEnd', params: ({ event: { endedAt } }) => ({ endedAt }) },
            },
            { target: 'skipped' },
          ],
        },
      },
      taking: {
        initial: 'writing',
        invoke: {
          id: 'recorder',
          src: 'recorder',
          input: ({ context: { callId, generation, path, startedAt } }) => ({
            callId,
            generation,
            cutOff: path === null || startedAt === null ? null : { path, startedAt },
          }),
          onError: {
            target: 'reporting',
            actions: { type: 'noteFailure', params: ({ event }) => faultOf(event.error) },
          },
        },
        on: {
          'recording.started': {
            actions: [
              { type: 'noteStart', params: ({ event: { path, startedAt } }) => ({ path, startedAt }) },
              {
                type: 'tellCall',
                params: ({ event: { path, startedAt } }) => ({ type: 'recording.began', path, startedAt }),
              },
            ],
          },
          'recording.failed': {
            target: 'reporting',
            actions: { type: 'noteFailure', params: ({ event: { code, message } }) => ({ code, message }) },
          },
          'recording.stopped': {
            target: 'publishing',
            actions: { type: 'noteDuration', params: ({ event: { durationMs } }) => ({ durationMs }) },
          },
        },
        states: {
          writing: {
            on: {
              'recording.finish': {
                target: 'finalising',
                actions: { type: 'stopRecorder', params: ({ event: { endedAt } }) => ({ endedAt }) },
              },
            },
          },
          finalising: {
            after: {
              stopDeadline: {
                target: '#recording.reporting',
                actions: {
                  type: 'noteFailure',
                  params: { code: 'timeout', message: 'The media worker did not close the recording in time.' },
                },
              },
            },
            on: { 'recording.finish': {} },
          },
        },
      },
      publishing: {
        invoke: {
          src: 'publishRecording',
          input: ({ context: { callId, parties, path, startedAt, durationMs, endedAt } }) => ({
            callId,
            parties,
            take: { path: path ?? '', startedAt: startedAt ?? 0, durationMs, endedAt },
          }),
          onDone: {
            target: 'published',
            actions: { type: 'notePublished', params: ({ event }) => event.output },
          },
          onError: {
            target: 'reporting',
            actions: { type: 'noteFailure', params: ({ event }) => faultOf(event.error) },
          },
        },
        on: { 'recording.finish': {} },
      },
      reporting: {
        invoke: {
          src: 'reportFailedRecording',
          input: ({ context: { callId, failure } }) => ({ callId, failure: failure ?? UNKNOWN_FAILURE }),
          onDone: 'failed',
          onError: 'failed',
        },
      },
      // Not final: the call may ask to finish a recording that failed long before.
      failed: {
        entry: {
          type: 'tellCall',
          params: ({ context }) => ({ type: 'recording.settled', path: null, error: context.failure?.message ?? null }),
        },
        on: {
          'recording.finish': {
            actions: {
              type: 'tellCall',
              params: ({ context }) => ({
                type: 'recording.settled',
                path: null,
                error: context.failure?.message ?? null,
              }),
            },
          },
        },
      },
      skipped: {
        type: 'final',
        entry: { type: 'tellCall', params: { type: 'recording.settled', path: null, error: null } },
      },
      published: {
        type: 'final',
        entry: {
          type: 'tellCall',
          params: ({ context }) => ({ type: 'recording.settled', path: context.publishedPath, error: null }),
        },
      },
    },
  });

export type RecordingLogic = ReturnType<typeof createRecordingMachine>;
