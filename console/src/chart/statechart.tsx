/** A machine as SVG: states as boxes in boxes, active ones lit, transitions as labelled edges. */
import { memo, type ReactElement } from 'react';
import { LINE_HEIGHT, TITLE_HEIGHT, type PlacedChart, type PlacedEdge, type PlacedState } from './layout.ts';

export type StatechartProps = {
  chart: PlacedChart;
  active: ReadonlySet<string>;
  /** The state that was entered last: the way into it is lit. */
  entered?: string | null;
  /** The same, for a moment. */
  flashing?: string | null;
  title: string;
};

const CORNER = 6;

const pathOf = (points: PlacedEdge['points']): string =>
  points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join(' ');

const Edge = memo(({ edge, isLit }: { edge: PlacedEdge; isLit: boolean }): ReactElement => (
  <g className={`edge${isLit ? ' lit' : ''}`}>
    <path d={pathOf(edge.points)} markerEnd={isLit ? 'url(#arrow-lit)' : 'url(#arrow)'} />
    {edge.transitions.map(({ id, text }, index) => (
      <text key={id} data-transition={id} x={edge.labelAt.x + 3} y={edge.labelAt.y + (index + 0.8) * LINE_HEIGHT}>
        {text}
      </text>
    ))}
  </g>
));

const classOf = (state: PlacedState, isActive: boolean, isFlashing: boolean): string =>
  ['state', state.kind, `depth-${Math.min(state.depth, 4)}`, isActive ? 'active' : '', isFlashing ? 'flashing' : '']
    .filter((name) => name !== '')
    .join(' ');

type StateProps = { state: PlacedState; isActive: boolean; isFlashing: boolean };

const State = memo(({ state, isActive, isFlashing }: StateProps): ReactElement => {
  const { x, y, width, height } = state;
  const runs = state.invokes.map((invoked) => `runs ${invoked}`);
  return (
    <g className={classOf(state, isActive, isFlashing)} data-state={state.id}>
      <rect x={x} y={y} width={width} height={height} rx={CORNER} />
      {state.kind === 'final' && (
        <rect x={x + 3} y={y + 3} width={Math.max(0, width - 6)} height={Math.max(0, height - 6)} rx={CORNER - 2} />
      )}
      {state.isInitial && <circle cx={x + 9} cy={y + 12} r={4} />}
      <text className="name" x={x + (state.isInitial ? 18 : 12)} y={y + 16}>
        {state.name}
      </text>
      {runs.map((text, index) => (
        <text key={text} className="runs" x={x + 12} y={y + TITLE_HEIGHT + (index + 0.7) * LINE_HEIGHT}>
          {text}
        </text>
      ))}
      {state.inner.map(({ id, text }, index) => (
        <text
          key={id}
          className="inner"
          data-transition={id}
          x={x + 12}
          y={y + TITLE_HEIGHT + (runs.length + index + 0.7) * LINE_HEIGHT}
        >
          {`↻ ${text}`}
        </text>
      ))}
    </g>
  );
});

export const Statechart = ({
  chart,
  active,
  entered = null,
  flashing = null,
  title,
}: StatechartProps): ReactElement => (
  <svg
    xmlns="http://www.w3.org/2000/svg"
    className="statechart"
    role="img"
    aria-label={title}
    viewBox={`0 0 ${chart.width} ${chart.height}`}
    width={chart.width}
    height={chart.height}
  >
    <defs>
      {['arrow', 'arrow-lit'].map((id) => (
        <marker key={id} id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 L8 4 L0 8 z" className={id} />
        </marker>
      ))}
    </defs>
    {chart.states.map((state) => (
      <State key={state.id} state={state} isActive={active.has(state.id)} isFlashing={flashing === state.id} />
    ))}
    {chart.edges.map((edge) => (
      <Edge key={edge.id} edge={edge} isLit={active.has(edge.target) && entered === edge.target} />
    ))}
  </svg>
);
