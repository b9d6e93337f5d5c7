/** RTP quality while a call is up: the figures now, and how the estimate has gone since the page was opened. */
import { useEffect, useState, type ReactElement } from 'react';
import type { Quality } from '../api/types.ts';
import { number } from '../ui/format.ts';

const KEPT = 120;
const [WIDTH, HEIGHT] = [240, 60];
const [WORST, BEST] = [1, 4.5];

const lineOf = (values: readonly number[]): string =>
  values
    .map((value, index) => {
      const x = (index / Math.max(1, KEPT - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - ((value - WORST) / (BEST - WORST)) * HEIGHT).toFixed(1)}`;
    })
    .join(' ');

export const QualityView = ({ quality }: { quality: Quality }): ReactElement => {
  const [history, setHistory] = useState<readonly number[]>([]);
  useEffect(() => setHistory((before) => [...before, quality.mos].slice(-KEPT)), [quality]);
  return (
    <section aria-labelledby="quality" className="quality">
      <h2 id="quality">Quality</h2>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Estimated quality ${number(quality.mos, 1)} of 4.5`}
      >
        <polyline points={lineOf(history)} />
      </svg>
      <p>
        MOS {number(quality.mos, 2)}, jitter {number(quality.jitterMs, 1)} ms, lost {quality.packetsLost} of{' '}
        {quality.packetsReceived}
        {quality.roundTripMs === null ? '' : `, round trip ${number(quality.roundTripMs)} ms`}
      </p>
    </section>
  );
};
