/** A statechart that can be moved and scaled, by pointer, wheel or keyboard. */
import { useLayoutEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { Notice } from '../ui/notice.tsx';
import { activeStates } from './active-states.ts';
import type { PlacedChart } from './layout.ts';
import { Statechart } from './statechart.tsx';
import './statechart.css';
import { useFlash } from './use-flash.ts';
import { useChart } from './use-chart.ts';

type ChartViewProps = { machine: string; state: string | null; entered: string | null };

const STEP = 1.25;
const MIN_SCALE = 0.1;
const MAX_SCALE = 3;

const limited = (scale: number) => Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));

/** The middle of the innermost active states, so that what goes on is in sight. */
const focusOf = (chart: PlacedChart, active: ReadonlySet<string>): { x: number; y: number } | null => {
  const lit = chart.states.filter(({ id, depth }) => depth === 1 && active.has(id));
  const [state] = lit;
  return state ? { x: state.x + state.width / 2, y: state.y + state.height / 2 } : null;
};

const Drawing = ({ chart, state, entered }: { chart: PlacedChart; state: string | null; entered: string | null }) => {
  const frame = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState<number | null>(null);
  const [follows, setFollows] = useState(true);
  const active = useMemo(() => activeStates(chart.machine, state), [chart, state]);
  const flashing = useFlash(entered);
  const focus = focusOf(chart, active);

  useLayoutEffect(() => {
    const width = frame.current?.clientWidth ?? chart.width;
    setScale(limited(Math.max(0.45, Math.min(1, (width - 8) / chart.width))));
  }, [chart]);

  const shown = scale ?? 1;
  const [x, y] = [focus?.x ?? null, focus?.y ?? null];
  useLayoutEffect(() => {
    const { current } = frame;
    if (!follows || !current || x === null || y === null) return;
    current.scrollTo({ left: x * shown - current.clientWidth / 2, top: y * shown - current.clientHeight / 2 });
  }, [follows, x, y, shown]);

  const zoom = (factor: number) => setScale((before) => limited((before ?? 1) * factor));
  return (
    <div className="chart">
      <div className="chart-tools" role="toolbar" aria-label="Drawing">
        <button type="button" className="quiet" onClick={() => zoom(STEP)} aria-label="Larger">
          +
        </button>
        <button type="button" className="quiet" onClick={() => zoom(1 / STEP)} aria-label="Smaller">
          −
        </button>
        <button
          type="button"
          className="quiet"
          onClick={() => setScale((frame.current?.clientWidth ?? 1) / chart.width)}
        >
          Whole
        </button>
        <label>
          <input type="checkbox" checked={follows} onChange={(event) => setFollows(event.target.checked)} /> Follow
        </label>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls is reached by keyboard */}
      <div className="chart-frame" ref={frame} tabIndex={0} role="region" aria-label={`Statechart of ${chart.machine}`}>
        <div style={{ width: chart.width * shown, height: chart.height * shown }}>
          <div style={{ transform: `scale(${shown})`, transformOrigin: '0 0', width: chart.width }}>
            <Statechart
              chart={chart}
              active={active}
              entered={entered}
              flashing={flashing}
              title={`Statechart of ${chart.machine}`}
            />
          </div>
        </div>
      </div>
    </div>
  );
};

export const ChartView = ({ machine, state, entered }: ChartViewProps): ReactElement => {
  const { data: chart, error, isPending, refetch } = useChart(machine);
  if (isPending) return <Notice kind="busy">Drawing…</Notice>;
  if (error) {
    return (
      <Notice kind="error" action={{ name: 'Try again', run: () => void refetch() }}>
        {error.message}
      </Notice>
    );
  }
  if (!chart) return <Notice kind="empty">The machine “{machine}” is not known any more.</Notice>;
  return <Drawing key={machine} chart={chart} state={state} entered={entered} />;
};
