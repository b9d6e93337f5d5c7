/** Where each state and transition of a machine is drawn: laid out by ELK from the machine's own graph. */
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { ChartEdge, ChartNode, MachineChart } from '#domain/machine-chart.ts';

/** A line of text of one transition. */
export type TransitionText = { id: string; text: string };

export type PlacedState = {
  id: string;
  name: string;
  kind: ChartNode['kind'];
  depth: number;
  x: number;
  y: number;
  width: number;
  height: number;
  isInitial: boolean;
  invokes: readonly string[];
  /** Transitions that stay in the state. */
  inner: readonly TransitionText[];
};

export type PlacedEdge = {
  id: string;
  source: string;
  target: string;
  points: readonly { x: number; y: number }[];
  labelAt: { x: number; y: number };
  transitions: readonly TransitionText[];
};

export type PlacedChart = {
  machine: string;
  width: number;
  height: number;
  states: readonly PlacedState[];
  edges: readonly PlacedEdge[];
};

export const LINE_HEIGHT = 14;
export const TITLE_HEIGHT = 24;
const CHARACTER_WIDTH = 6.1;
const PADDING = 12;

const widthOf = (text: string, scale = 1) => text.length * CHARACTER_WIDTH * scale;

const textOf = ({ event, guard }: ChartEdge) =>
  `${event === '' ? 'always' : event}${guard === null ? '' : ` [${guard}]`}`;

const transitionText = (edge: ChartEdge): TransitionText => ({ id: edge.id, text: textOf(edge) });

const groupBy = (edges: readonly ChartEdge[], keyOf: (edge: ChartEdge) => string): Map<string, ChartEdge[]> => {
  const groups = new Map<string, ChartEdge[]>();
  for (const edge of edges) {
    const key = keyOf(edge);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return groups;
};

type Inner = ReadonlyMap<string, readonly TransitionText[]>;

/** Lines of text under the title of a state. */
const linesOf = (node: ChartNode, inner: Inner): readonly string[] => [
  ...node.invokes.map((invoked) => `runs ${invoked}`),
  ...(inner.get(node.id) ?? []).map(({ text }) => `↻ ${text}`),
];

const elkNodeOf = (node: ChartNode, inner: Inner): ElkNode => {
  const lines = linesOf(node, inner);
  const headHeight = TITLE_HEIGHT + lines.length * LINE_HEIGHT;
  const width = Math.max(widthOf(node.key, 1.2), ...lines.map((line) => widthOf(line))) + 2 * PADDING;
  if (node.children.length === 0) return { id: node.id, width: Math.max(width, 70), height: headHeight + 8 };
  return {
    id: node.id,
    children: node.children.map((child) => elkNodeOf(child, inner)),
    layoutOptions: {
      'elk.padding': `[top=${headHeight + 10},left=14,bottom=14,right=14]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${headHeight})`,
    },
  };
};

const LAYOUT = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '9',
  'elk.spacing.edgeLabel': '3',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.edgeLabels.inline': 'false',
};

const elkEdgeOf = (id: string, transitions: readonly TransitionText[], source: string, target: string) => ({
  id,
  sources: [source],
  targets: [target],
  labels: [
    {
      id: `${id}#label`,
      text: transitions.map(({ text }) => text).join('\n'),
      width: Math.max(...transitions.map(({ text }) => widthOf(text))) + 6,
      height: transitions.length * LINE_HEIGHT,
    },
  ],
});

const statesOf = (
  node: ChartNode,
  laidOut: ElkNode,
  inner: Inner,
  place: { depth: number; initial: string | null },
) => {
  const { x = 0, y = 0, width = 0, height = 0 } = laidOut;
  const own: PlacedState = {
    ...{ id: node.id, name: node.key, kind: node.kind, depth: place.depth, x, y, width, height },
    isInitial: place.initial === node.id,
    invokes: node.invokes,
    inner: inner.get(node.id) ?? [],
  };
  const children: PlacedState[] = node.children.flatMap((child) => {
    const found = laidOut.children?.find(({ id }) => id === child.id);
    return found ? statesOf(child, found, inner, { depth: place.depth + 1, initial: node.initial }) : [];
  });
  return [own, ...children];
};

const edgesOf = (node: ElkNode): ElkExtendedEdge[] => [
  ...(node.edges ?? []),
  ...(node.children ?? []).flatMap(edgesOf),
];

const placedEdge = (edge: ElkExtendedEdge, transitions: readonly TransitionText[]): PlacedEdge => {
  const [section] = edge.sections ?? [];
  const points = section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [];
  const [label] = edge.labels ?? [];
  return {
    id: edge.id,
    source: edge.sources[0] ?? '',
    target: edge.targets[0] ?? '',
    points: points.map(({ x, y }) => ({ x, y })),
    labelAt: { x: label?.x ?? 0, y: label?.y ?? 0 },
    transitions,
  };
};

/** Rejects when ELK cannot lay the graph out. */
export const layOut = async (elk: Pick<ELK, 'layout'>, chart: MachineChart): Promise<PlacedChart> => {
  const isInner = ({ source, target }: ChartEdge) => source === target;
  const inner: Inner = new Map(
    [...groupBy(chart.edges.filter(isInner), ({ source }) => source)].map(([source, edges]) => [
      source,
      edges.map(transitionText),
    ]),
  );
  const outer = [
    ...groupBy(
      chart.edges.filter((edge) => !isInner(edge)),
      ({ source, target }) => `${source}→${target}`,
    ),
  ].map(([id, edges]) => ({
    id,
    source: edges[0]?.source ?? '',
    target: edges[0]?.target ?? '',
    transitions: edges.map(transitionText),
  }));
  const graph: ElkNode = {
    id: '#canvas',
    layoutOptions: LAYOUT,
    children: [elkNodeOf(chart.root, inner)],
    edges: outer.map(({ id, transitions, source, target }) => elkEdgeOf(id, transitions, source, target)),
  };
  const laidOut: ElkNode = await elk.layout(graph);
  const [root] = laidOut.children ?? [];
  const byId = new Map(outer.map((edge) => [edge.id, edge.transitions]));
  return {
    machine: chart.machine,
    width: Math.ceil(laidOut.width ?? 0),
    height: Math.ceil(laidOut.height ?? 0),
    states: root ? statesOf(chart.root, root, inner, { depth: 0, initial: null }) : [],
    edges: edgesOf(laidOut).map((edge) => placedEdge(edge, byId.get(edge.id) ?? [])),
  };
};
