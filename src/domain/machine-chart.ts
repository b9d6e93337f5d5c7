/** A machine as a drawing needs it: its states as a tree, its transitions as edges between them. */

export type ChartNode = {
  /** Unique in the machine, such as `call.talking.turn`. */
  id: string;
  /** Name of the state. */
  key: string;
  kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Of a compound state: the id of the child it begins in. */
  initial: string | null;
  /** Actors that run while the state is active. */
  invokes: readonly string[];
  children: readonly ChartNode[];
};

export type ChartEdge = {
  id: string;
  source: string;
  target: string;
  /** Type of the event; empty for a transition that is taken at once. */
  event: string;
  guard: string | null;
};

export type MachineChart = { machine: string; version: number; root: ChartNode; edges: readonly ChartEdge[] };
