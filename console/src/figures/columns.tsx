/** Columns over time, with their values also as text for who does not see them. */
import type { ReactElement } from 'react';

export type Column = { name: string; values: readonly number[] };

type ColumnsProps = {
  title: string;
  columns: readonly Column[];
  /** Names of the values of a column, when it has several. */
  series?: readonly string[];
  /** A value as people read it. */
  show?: (value: number) => string;
  isCounted?: boolean;
};

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [640, 190, 62, 14, 24];
/** As many names as fit below. */
const NAMES = 8;

export const Columns = ({
  title,
  columns,
  series = [],
  show = String,
  isCounted = false,
}: ColumnsProps): ReactElement => {
  const highest = Math.max(...columns.flatMap(({ values }) => values), 0) || 1;
  // Of things that are counted, the half is to be a whole number too.
  const most = isCounted ? 2 * Math.ceil(highest / 2) : highest;
  const slot = (WIDTH - LEFT) / Math.max(1, columns.length);
  const heightOf = (value: number) => ((HEIGHT - TOP - BOTTOM) * value) / most;
  const base = HEIGHT - BOTTOM;
  const every = Math.ceil(columns.length / NAMES);
  const text = columns
    .filter(({ values }) => values.some((value) => value > 0))
    .map(({ name, values }) => `${name} ${values.map(show).join(' and ')}`)
    .join(', ');
  return (
    <figure className="columns">
      <figcaption>
        <h2>{title}</h2>
        {series.map((name, index) => (
          <span key={name} className={`key series-${index}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: ${text === '' ? 'none' : text}`}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={WIDTH} y1={base - heightOf(most * share)} y2={base - heightOf(most * share)} />
            <text x={LEFT - 6} y={base - heightOf(most * share) + 4} textAnchor="end">
              {show(most * share)}
            </text>
          </g>
        ))}
        {columns.map(({ name, values }, at) => (
          <g key={name}>
            {values.map((value, index) => {
              const width = (slot * 0.8) / values.length;
              return (
                <rect
                  key={index}
                  className={`series-${index}`}
                  x={LEFT + slot * (at + 0.1) + width * index}
                  y={base - heightOf(value)}
                  width={Math.max(1, width - 1)}
                  height={heightOf(value)}
                >
                  <title>{`${name}: ${show(value)}`}</title>
                </rect>
              );
            })}
            {at % every === 0 && (
              <text x={LEFT + slot * (at + 0.5)} y={HEIGHT - 7} textAnchor="middle">
                {name}
              </text>
            )}
          </g>
        ))}
      </svg>
    </figure>
  );
};
