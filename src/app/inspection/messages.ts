/**
 * The messages of `@statelyai/inspect` 0.7.2, made by us: the package's own conversion puts whole contexts, inputs and
 * errors on the wire, and walks every snapshot to a depth of ten.
 */
import type {
  StatelyActorEvent,
  StatelyEventEvent,
  StatelyInspectionEvent,
  StatelySnapshotEvent,
} from '@statelyai/inspect';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { shownContext, shownEvent, type Discretion } from './allow-list.ts';

export type { StatelyInspectionEvent } from '@statelyai/inspect';

/** The version of the package whose receivers understand the messages. */
const PROTOCOL_VERSION = '0.7.2';

type MachineSnapshot = {
  status: 'active' | 'done' | 'error' | 'stopped';
  value?: unknown;
  context?: unknown;
  machine?: { id: string };
  children?: Record<string, AnyActorRef | undefined>;
};

const rootOf = (actor: AnyActorRef): AnyActorRef => (actor._parent ? rootOf(actor._parent) : actor);

const configOf = (actor: AnyActorRef): object | undefined =>
  (actor as { logic?: { config?: unknown } }).logic?.config as object | undefined;

/** Functions have a name at most. */
const nameFunctions = (_key: string, value: unknown): unknown =>
  typeof value === 'function' ? { type: value.name } : value;

const definitions = new WeakMap<object, string>();

const definitionOf = (actor: AnyActorRef): string => {
  const config = configOf(actor);
  if (typeof config !== 'object') return JSON.stringify({ id: actor.id });
  const known = definitions.get(config);
  if (known !== undefined) return known;
  const definition = JSON.stringify(config, nameFunctions);
  definitions.set(config, definition);
  return definition;
};

const snapshotOf = (actor: AnyActorRef, discretion: Discretion, given?: unknown) => {
  const { status, value, context, machine, children } = (given ?? actor.getSnapshot()) as MachineSnapshot;
  if (!machine) return { status };
  const links = Object.entries(children ?? {}).flatMap(([id, child]) =>
    child ? [[id, { xstate$$type: 1, id: child.id, sessionId: child.sessionId }] as const] : [],
  );
  return {
    status,
    value,
    context: shownContext(machine.id, context, discretion),
    children: Object.fromEntries(links),
  };
};

const base = (actor: AnyActorRef, at: number) => ({
  sessionId: actor.sessionId,
  rootId: rootOf(actor).sessionId,
  createdAt: String(at),
  _version: PROTOCOL_VERSION,
});

// The package's own types say `id: string`, its own messages carry null.
const NO_ID = null as unknown as string;

export const actorMessage = (actor: AnyActorRef, at: number, discretion: Discretion): StatelyActorEvent => ({
  type: '@xstate.actor',
  name: actor.id,
  ...base(actor, at),
  id: NO_ID,
  parentId: actor._parent?.sessionId,
  definition: definitionOf(actor),
  snapshot: snapshotOf(actor, discretion),
});

const eventMessage = (
  inspected: InspectionEvent & { type: '@xstate.event' },
  actor: AnyActorRef,
  at: number,
): StatelyEventEvent => ({
  type: '@xstate.event',
  ...base(actor, at),
  id: NO_ID,
  event: shownEvent(inspected.event),
  sourceId: inspected.sourceRef?.sessionId,
});

const snapshotMessage = (
  inspected: InspectionEvent & { type: '@xstate.snapshot' },
  actor: AnyActorRef,
  at: number,
  discretion: Discretion,
): StatelySnapshotEvent => ({
  type: '@xstate.snapshot',
  ...base(actor, at),
  id: NO_ID,
  event: shownEvent(inspected.event),
  snapshot: snapshotOf(actor, discretion, inspected.snapshot) as StatelySnapshotEvent['snapshot'],
});

/** The message for what XState tells of an actor; null for what the protocol has no message for. */
export const messageOf = (
  inspected: InspectionEvent,
  at: number,
  discretion: Discretion,
): StatelyInspectionEvent | null => {
  const actor = inspected.actorRef as AnyActorRef;
  switch (inspected.type) {
    case '@xstate.actor':
      return actorMessage(actor, at, discretion);
    case '@xstate.event':
      return eventMessage(inspected, actor, at);
    case '@xstate.snapshot':
      return snapshotMessage(inspected, actor, at, discretion);
    default:
      return null;
  }
};

/** For a viewer who knows the machines. */
export const withoutDefinition = (message: StatelyInspectionEvent): StatelyInspectionEvent =>
  message.type === '@xstate.actor' ? { ...message, definition: undefined } : message;

/** An actor and all that live below it, parents first. */
export const familyOf = (actor: AnyActorRef): readonly AnyActorRef[] => {
  const { children } = actor.getSnapshot() as MachineSnapshot;
  return [actor, ...Object.values(children ?? {}).flatMap((child) => (child ? familyOf(child) : []))];
};
