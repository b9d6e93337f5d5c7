/**
 * Time travel: rebuilds the state of each actor of a call at any point from its journal, with pure transitions of the
 * present machines. Nothing is started, sent or written. Where a present machine would have gone another way than the
 * one recorded, that is said, and the replay goes on from the recorded state.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import type { TransitionRecord } from '#domain/records.ts';
import { stateName, topState } from './call-journal.ts';
import { createInertMachines } from './inert-machines.ts';

export type Divergence = { seq: number; eventType: string; recorded: string; computed: string };

export type ReplayedActor = {
  actorPath: string;
  incarnation: number;
  machine: string;
  /** The version that wrote the journal, and the one that replayed it. */
  machineVersion: number;
  state: string;
  /** Null for an actor whose machine the present version does not know. */
  context: Readonly<Record<string, unknown>> | null;
  diverged: readonly Divergence[];
};

type Actor = { row: TransitionRecord; snapshot: AnyMachineSnapshot | null; diverged: Divergence[] };

/** Open the conversation to whoever has them; the journal holds them sealed, a viewer does not need them at all. */
const HIDDEN = new Set(['resumptionHandle']);

/** A few milliseconds of work: then whatever live calls wait for comes first. */
const ROWS_AT_ONCE = 32;

/** `rows` in order of `seq`, from the first one; every row is taken. */
export const replay = async (rows: readonly TransitionRecord[]): Promise<ReplayedActor[]> => {
  const clock = { now: 0 };
  const machines = createInertMachines(() => clock.now);
  const actors = new Map<string, Actor>();
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await breathe();
    clock.now = row.at.getTime();
    actors.set(row.actorPath, step(machines[row.machine] ?? null, row, actors.get(row.actorPath) ?? null));
  }
  return [...actors.values()].map(show);
};

const step = (machine: AnyStateMachine | null, row: TransitionRecord, before: Actor | null): Actor => {
  const diverged = before?.row.incarnation === row.incarnation ? before.diverged : [];
  if (!machine) return { row, snapshot: null, diverged };
  const computed = compute(machine, row, before);
  const name = computed ? stateName(computed.value) : 'none';
  if (computed && name === row.toState) return { row, snapshot: computed, diverged };
  diverged.push({ seq: row.seq, eventType: row.eventType, recorded: row.toState, computed: name });
  return { row, snapshot: forced(machine, row, computed ?? before?.snapshot ?? null), diverged };
};

const compute = (machine: AnyStateMachine, row: TransitionRecord, before: Actor | null): AnyMachineSnapshot | null => {
  const event = row.event as { type: string; input?: unknown };
  try {
    if (row.eventType === 'xstate.init') {
      return row.toState === 'restored' ? takenOver(machine, row, before) : begun(machine, event.input);
    }
    return before?.snapshot ? transition(machine, before.snapshot, event)[0] : null;
  } catch {
    return null;
  }
};

const begun = (machine: AnyStateMachine, input: unknown): AnyMachineSnapshot => initialTransition(machine, input)[0];

/** A call that was taken over goes on with what the last process had of it, from the state it was lost in. */
const takenOver = (machine: AnyStateMachine, row: TransitionRecord, before: Actor | null) => {
  if (!before?.snapshot) return null;
  const { value, context } = before.snapshot;
  const lost = topState(value);
  const was = lost === 'recovering' || lost === 'restored' ? (context as { was?: unknown }).was : lost;
  return machine.resolveState({ value: 'restored', context: { ...context, was, epoch: row.epoch } });
};

/** The recorded state, with the context as far as it is known. */
const forced = (machine: AnyStateMachine, row: TransitionRecord, from: AnyMachineSnapshot | null) => {
  try {
    return machine.resolveState({ value: stateValue(row.toState), context: from?.context ?? {} });
  } catch {
    return null;
  }
};

const stateValue = (name: string) => (name.startsWith('{') ? (JSON.parse(name) as Record<string, string>) : name);

const show = ({ row, snapshot, diverged }: Actor): ReplayedActor => ({
  actorPath: row.actorPath,
  incarnation: row.incarnation,
  machine: row.machine,
  machineVersion: row.machineVersion,
  state: row.toState,
  context: snapshot ? visible(snapshot.context as Record<string, unknown>) : null,
  diverged,
});

const visible = (context: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(context).filter(([key]) => !HIDDEN.has(key)));
