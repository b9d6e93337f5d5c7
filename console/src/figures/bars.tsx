/** Bars with their names and values, also as text for who does not see them. */
import type { ReactElement } from 'react';
import type { Bar } from './count.ts';

const [ROW, NAME_WIDTH, WIDTH, VALUE_WIDTH] = [22, 190, 720, 70];

export const Bars = ({
  title,
  bars,
  unit = '',
}: {
  title: string;
  bars: readonly Bar[];
  unit?: string;
}): ReactElement => {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const widthOf = (value: number) => ((WIDTH - NAME_WIDTH - VALUE_WIDTH) * value) / most;
  return (
    <figure className="bars">
      <figcaption>
        <h2>{title}</h2>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${ROW * Math.max(1, bars.length)}`}
        role="img"
        aria-label={`${title}: ${bars.map(({ name, value }) => `${name} ${value}${unit}`).join(', ') || 'none'}`}
      >
        {bars.map(({ name, value }, index) => (
          <g key={name}>
            <text x={NAME_WIDTH - 8} y={ROW * (index + 0.65)} textAnchor="end">
              {name}
            </text>
            <rect x={NAME_WIDTH} y={ROW * index + 4} width={widthOf(value)} height={ROW - 8} rx={3} />
            <text x={NAME_WIDTH + widthOf(value) + 6} y={ROW * (index + 0.65)}>
              {value}
              {unit}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
};
