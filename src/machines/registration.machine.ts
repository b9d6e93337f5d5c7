/**
 * Our binding at the registrar of one trunk (RFC 3261 10), held by one application at a time.
 *
 *  waiting ──(lease)──▶ registering ──▶ registered ──(renewal due)──▶ registering
 *     ▲                   ├─(account refused)─▶ refused ────(long pause)──▶ registering
 *     └──(lease lost)     └─(no answer, 5xx)──▶ backingOff ──────────────▶ registering
 *  (trunk.removed)──▶ unregistering ──▶ stopped
 */
import { assign, emit, setup, type ActorRefFrom } from 'xstate';
import type { RegisterAnswer, RegistrationRecord } from '#domain/registration.ts';
import type { RegistrationPorts } from './registration.ports.ts';

/** How long a binding is asked for. */
const WANTED_SECONDS = 600;
const FIRST_BACK_OFF_MS = 2_000;
const LONGEST_BACK_OFF_MS = 120_000;
/** A carrier locks accounts that go on with a wrong password. */
const REFUSED_PAUSE_MS = 600_000;
/** Renewed this long before it ends, or half-way where it is short. */
const RENEWAL_MARGIN_MS = 60_000;

export type RegistrationEvent =
  | { type: 'lease.taken' }
  | { type: 'lease.lost' }
  /** Address, account or password are others now. */
  | { type: 'trunk.changed' }
  | { type: 'trunk.removed' };

export type RegistrationContext = Omit<RegistrationRecord, 'state'> & { trunkId: number };

type Refusal = Extract<RegisterAnswer, { type: 'refused' }>;
type Unavailable = Extract<RegisterAnswer, { type: 'unavailable' }>;

const failed = (error: unknown): Unavailable => ({
  type: 'unavailable',
  cause: 'unavailable',
  detail: error instanceof Error ? error.message : String(error),
  retryAfterMs: null,
});

const backOff = (attempts: number) => Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** attempts);

export const createRegistrationMachine = ({ actors, now }: RegistrationPorts) =>
  setup({
    types: {} as {
      input: { trunkId: number; expiresAt: number | null };
      context: RegistrationContext;
      events: RegistrationEvent;
      emitted: { type: 'registration.eventIgnored'; ignored: string };
    },
    actors,
    actions: {
      noteBinding: assign((_, { expiresInMs }: { expiresInMs: number }) => ({
        expiresAt: now() + expiresInMs,
        nextAttemptAt: now() + Math.max(expiresInMs / 2, expiresInMs - RENEWAL_MARGIN_MS),
        attempts: 0,
        cause: null,
        detail: null,
      })),
      noteRefusal: assign(({ context }, { cause, detail }: Refusal) => ({
        cause,
        detail,
        attempts: context.attempts + 1,
        nextAttemptAt: now() + REFUSED_PAUSE_MS,
        expiresAt: null,
      })),
      noteFailure: assign(({ context }, { cause, detail, retryAfterMs }: Unavailable) => ({
        cause,
        detail,
        attempts: context.attempts + 1,
        nextAttemptAt: now() + (retryAfterMs ?? backOff(context.attempts)),
      })),
      forgetFailures: assign({ attempts: 0, nextAttemptAt: null }),
      forgetBinding: assign({ expiresAt: null, nextAttemptAt: null }),
      emitIgnored: emit(({ event }) => ({ type: 'registration.eventIgnored', ignored: event.type })),
    },
    guards: {
      isOwnEvent: ({ event }) => !event.type.startsWith('xstate.'),
      isBound: ({ context }) => context.expiresAt !== null && context.expiresAt > now(),
    },
    delays: {
      nextAttempt: ({ context }) => Math.max(0, (context.nextAttemptAt ?? 0) - now()),
    },
  }).createMachine({
    id: 'registration',
    context: ({ input }) => ({ ...input, attempts: 0, cause: null, detail: null, nextAttemptAt: null }),
    initial: 'holding',
    on: { '*': { guard: 'isOwnEvent', actions: 'emitIgnored' } },
    states: {
      holding: {
        initial: 'waiting',
        invoke: {
          src: 'lease',
          input: ({ context: { trunkId } }) => ({ trunkId }),
          onError: { target: '.waiting' },
        },
        on: {
          'trunk.removed': [
            { guard: 'isBound', target: 'unregistering' },
            { target: 'stopped', actions: 'forgetBinding' },
          ],
          'lease.lost': '.waiting',
        },
        states: {
          // Another application of this site registers the trunk.
          waiting: { on: { 'lease.taken': 'registering', 'trunk.changed': {}, 'lease.lost': {} } },
          registering: {
            invoke: {
              src: 'register',
              input: ({ context: { trunkId } }) => ({ trunkId, seconds: WANTED_SECONDS }),
              onDone: [
                {
                  guard: ({ event }) => event.output.type === 'registered',
                  target: 'registered',
                  actions: { type: 'noteBinding', params: ({ event }) => event.output as { expiresInMs: number } },
                },
                {
                  guard: ({ event }) => event.output.type === 'refused',
                  target: 'refused',
                  actions: { type: 'noteRefusal', params: ({ event }) => event.output as Refusal },
                },
                {
                  target: 'backingOff',
                  actions: { type: 'noteFailure', params: ({ event }) => event.output as Unavailable },
                },
              ],
              onError: {
                target: 'backingOff',
                actions: { type: 'noteFailure', params: ({ event }) => failed(event.error) },
              },
            },
            on: { 'trunk.changed': { target: 'registering', reenter: true } },
          },
          registered: {
            after: { nextAttempt: 'registering' },
            on: { 'trunk.changed': 'registering' },
          },
          refused: {
            after: { nextAttempt: 'registering' },
            on: { 'trunk.changed': { target: 'registering', actions: 'forgetFailures' } },
          },
          backingOff: {
            after: { nextAttempt: 'registering' },
            on: { 'trunk.changed': { target: 'registering', actions: 'forgetFailures' } },
          },
        },
      },
      unregistering: {
        invoke: {
          src: 'register',
          input: ({ context: { trunkId } }) => ({ trunkId, seconds: 0 }),
          onDone: { target: 'stopped', actions: 'forgetBinding' },
          onError: { target: 'stopped', actions: 'forgetBinding' },
        },
        on: { 'lease.taken': {}, 'lease.lost': {}, 'trunk.changed': {}, 'trunk.removed': {} },
      },
      stopped: { type: 'final' },
    },
  });

export type RegistrationLogic = ReturnType<typeof createRegistrationMachine>;
export type RegistrationActor = ActorRefFrom<RegistrationLogic>;
