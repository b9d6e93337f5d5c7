/** Turns what XState tells of a call's actors into journal entries: one for each transition of each machine. */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { Journal, TransitionEntry } from '#domain/journal.ts';
import { serialiseEvent } from '#domain/serialise-event.ts';

type Tracked = { path: string; machine: string; incarnation: number; state: string | null; changed: boolean };

type MachineSnapshot = { value?: unknown; machine?: { id: string } };

export type CallJournalOptions = {
  callId: CallId;
  epoch: number;
  journal: Pick<Journal, 'append'>;
  versions: Readonly<Record<string, number>>;
  now: () => Date;
  /** Of a call that was taken over: where the numbering goes on. */
  from?: { seq: number; incarnations: Readonly<Record<string, number>> };
};

export type CallJournal = {
  inspect: (event: InspectionEvent) => void;
  /** Number of the last entry; 0 before the first. */
  readonly seq: number;
  /** Latest of each actor path. */
  incarnations(): Readonly<Record<string, number>>;
};

/** Entries of one call are numbered from 1 without a gap, over all its machines. */
export const createCallJournal = (options: CallJournalOptions): CallJournal => {
  const { callId, epoch, journal, versions, now } = options;
  const actors = new WeakMap<AnyActorRef, Tracked>();
  const incarnations = new Map(Object.entries(options.from?.incarnations ?? {}));
  let seq = options.from?.seq ?? 0;

  const track = (actorRef: AnyActorRef, machine: string): Tracked => {
    const known = actors.get(actorRef);
    if (known) return known;
    const path = pathOf(actorRef);
    const incarnation = (incarnations.get(path) ?? 0) + 1;
    incarnations.set(path, incarnation);
    const tracked = { path, machine, incarnation, state: null, changed: true };
    actors.set(actorRef, tracked);
    return tracked;
  };

  const write = (tracked: Tracked, event: { type: string }, toState: string) => {
    const entry: TransitionEntry = {
      callId,
      seq: ++seq,
      at: now(),
      epoch,
      machine: tracked.machine,
      machineVersion: versions[tracked.machine] ?? 1,
      actorPath: tracked.path,
      incarnation: tracked.incarnation,
      eventType: event.type,
      event: serialiseEvent(event),
      fromState: tracked.state,
      toState,
      ignored: !tracked.changed,
    };
    tracked.state = toState;
    journal.append(entry);
  };

  return {
    get seq() {
      return seq;
    },
    incarnations: () => Object.fromEntries(incarnations),
    inspect: (inspected) => {
      if (inspected.type !== '@xstate.microstep' && inspected.type !== '@xstate.snapshot') return;
      const { machine, value } = inspected.snapshot as MachineSnapshot;
      if (!machine) return;
      const tracked = track(inspected.actorRef as AnyActorRef, machine.id);
      if (inspected.type === '@xstate.microstep') {
        tracked.changed ||= !inspected._transitions.every(changesNothing);
        return;
      }
      write(tracked, inspected.event, stateName(value));
      tracked.changed = false;
    },
  };
};

/** A transition that a state names only to say that it ignores the event, or the root's catch-all. */
const changesNothing = (transition: { eventType: string; target: unknown; actions: readonly unknown[] }) =>
  transition.eventType === '*' || (transition.target === undefined && transition.actions.length === 0);

const pathOf = (actorRef: AnyActorRef): string => {
  const parent = actorRef._parent;
  return parent ? `${pathOf(parent)}/${actorRef.id}` : 'call';
};

/** `talking` for a plain state; for a nested one the JSON of XState's state value. */
export const stateName = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Name of the top state. */
export const topState = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value as object)[0] ?? 'unknown');
