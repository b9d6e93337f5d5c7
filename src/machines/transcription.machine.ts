/**
 * The live transcript of one call: every finished turn of either side is kept as it ends.
 *
 *   listening ──▶ flushing ──▶ complete | incomplete
 */
import { assign, emit, enqueueActions, sendTo, setup } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { TranscriptionPorts, TranscriptKeeperEvent } from './transcription.ports.ts';

export const TRANSCRIPTION_MACHINE_VERSION = 1;

const FLUSH_MS = 3_000;

type ToCall = { type: 'transcript.settled'; error: string | null };

export const createTranscriptionMachine = ({ actors }: TranscriptionPorts) =>
  setup({
    types: {} as {
      input: { callId: CallId; firstIndex: number };
      context: { callId: CallId; firstIndex: number; segmentsKept: number; error: string | null };
      events: TranscriptKeeperEvent | { type: 'transcript.flush' };
      emitted: { type: 'transcript.eventIgnored'; ignored: string };
    },
    actors,
    actions: {
      countSegment: assign({ segmentsKept: ({ context }) => context.segmentsKept + 1, error: null }),
      noteError: assign({ error: (_, params: { error: string }) => params.error }),
      flush: sendTo('keeper', { type: 'transcript.flush' }),
      // Looked at on its own, from the journal, the machine has no call to tell.
      tellCall: enqueueActions(({ enqueue, self }, params: ToCall) => {
        if (self._parent) enqueue.sendTo(self._parent, params);
      }),
      emitIgnored: emit(({ event }) => ({ type: 'transcript.eventIgnored', ignored: event.type })),
    },
    guards: { isOwnEvent: ({ event }) => !event.type.startsWith('xstate.') },
    delays: { flushDeadline: FLUSH_MS },
  }).createMachine({
    id: 'transcription',
    context: ({ input }) => ({ ...input, segmentsKept: 0, error: null }),
    initial: 'keeping',
    on: { '*': { guard: 'isOwnEvent', actions: 'emitIgnored' } },
    states: {
      keeping: {
        initial: 'listening',
        invoke: {
          id: 'keeper',
          src: 'transcriptKeeper',
          input: ({ context: { callId, firstIndex } }) => ({ callId, firstIndex }),
          onError: {
            target: 'incomplete',
            actions: { type: 'noteError', params: ({ event }) => ({ error: String(event.error) }) },
          },
        },
        on: {
          'transcript.segmentKept': { actions: 'countSegment' },
          'transcript.keepFailed': {
            actions: { type: 'noteError', params: ({ event }) => ({ error: event.error }) },
          },
        },
        states: {
          listening: { on: { 'transcript.flush': 'flushing' } },
          flushing: {
            entry: 'flush',
            on: { 'transcript.flushed': '#transcription.complete', 'transcript.flush': {} },
            after: {
              flushDeadline: {
                target: '#transcription.incomplete',
                actions: { type: 'noteError', params: { error: 'The transcript could not be kept in time.' } },
              },
            },
          },
        },
      },
      complete: {
        type: 'final',
        entry: { type: 'tellCall', params: { type: 'transcript.settled', error: null } },
      },
      incomplete: {
        entry: {
          type: 'tellCall',
          params: ({ context }) => ({ type: 'transcript.settled', error: context.error }),
        },
        on: {
          'transcript.flush': {
            actions: {
              type: 'tellCall',
              params: ({ context }) => ({ type: 'transcript.settled', error: context.error }),
            },
          },
        },
      },
    },
  });

export type TranscriptionLogic = ReturnType<typeof createTranscriptionMachine>;
