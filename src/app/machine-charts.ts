/** The charts of our machines, read from the machines themselves. */
import type { AnyStateMachine } from 'xstate';
import { toDirectedGraph } from 'xstate/graph';
import type { ChartEdge, ChartNode, MachineChart } from '#domain/machine-chart.ts';
import { MACHINE_VERSIONS } from './call-actors.ts';
import { createInertMachines } from './inert-machines.ts';

type Graph = ReturnType<typeof toDirectedGraph>;
type Guard = string | { type: string } | { name?: string } | undefined;

const nodeOf = ({ id, stateNode, children }: Graph): ChartNode => ({
  id,
  key: stateNode.key,
  kind: stateNode.type,
  initial: stateNode.type === 'compound' ? (stateNode.initial.target[0]?.id ?? null) : null,
  invokes: stateNode.invoke.map(({ id: invoked, src }) => (typeof src === 'string' ? src : invoked)),
  children: children.map(nodeOf),
});

const guardName = (guard: Guard): string | null => {
  if (guard === undefined) return null;
  if (typeof guard === 'string') return guard;
  return 'type' in guard ? guard.type : (guard.name ?? 'guard');
};

/** `xstate.done.actor.…` and the like, as a person would say it. */
const EVENT_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^xstate\.done\.actor\.(?:.*\.)?([^.]+)$/, 'done: $1'],
  [/^xstate\.error\.actor\.(?:.*\.)?([^.]+)$/, 'error: $1'],
  [/^xstate\.done\.state\..*$/, 'done'],
  [/^xstate\.after\.([^.]+)\..*$/, 'after $1'],
];

const eventName = (event: string): string => {
  for (const [pattern, name] of EVENT_NAMES) {
    if (pattern.test(event)) return event.replace(pattern, name);
  }
  return event;
};

/** Of a state: what `toDirectedGraph` leaves out. */
const eventless = ({ stateNode }: Graph): ChartEdge[] =>
  (stateNode.always ?? []).flatMap(({ target, guard }, index) =>
    (target ?? [stateNode]).map((to, place) => ({
      id: `${stateNode.id}:always:${index}:${place}`,
      source: stateNode.id,
      target: to.id,
      event: '',
      guard: guardName(guard as Guard),
    })),
  );

const edgesOf = (graph: Graph): ChartEdge[] => [
  ...graph.edges.map(({ id, source, target, transition }) => ({
    id,
    source: source.id,
    target: target.id,
    event: eventName(transition.eventType),
    guard: guardName(transition.guard as Guard),
  })),
  ...eventless(graph),
  ...graph.children.flatMap(edgesOf),
];

export const chartOf = (machine: AnyStateMachine): MachineChart => {
  const graph = toDirectedGraph(machine);
  return {
    machine: machine.id,
    version: MACHINE_VERSIONS[machine.id] ?? 1,
    root: nodeOf(graph),
    edges: edgesOf(graph),
  };
};

/** Of every machine there is. */
export const machineCharts = (): readonly MachineChart[] =>
  Object.values(createInertMachines(() => 0)).map((machine) => chartOf(machine));
