import { symbol, symbolCircle, symbolSquare } from 'd3-shape';
import { formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import { createLogAxis, createSpanAxis, spreadLabels } from './scales.ts';

export interface RequestSeries {
  name: string;
  className: string;
  marker: 'circle' | 'square';
  /** One a request, in order; null = not defined for it. */
  valuesMs: readonly (number | null)[];
}

const box: Box = { width: 500, height: 280, top: 34, right: 58, bottom: 46, left: 50 };
const shapes = { circle: symbolCircle, square: symbolSquare };

/** Latencies request by request, the last ones, which were looked at, on a shade. */
export function RequestsChart(props: {
  id: string;
  title: string;
  desc: string;
  series: readonly RequestSeries[];
  /** Requests at the end that decided. */
  lookedAt: number;
}) {
  const { series, lookedAt } = props;
  const requests = Math.max(1, ...series.map(({ valuesMs }) => valuesMs.length));
  const [left, right, bottom] = [box.left, box.width - box.right, box.height - box.bottom];
  const x = createSpanAxis(0, requests, [left, right]);
  const y = createLogAxis(
    series.flatMap(({ valuesMs }) => valuesMs.filter((value) => value !== null)),
    [bottom, box.top],
  );
  const ends = series.map(({ valuesMs }) => valuesMs.findLast((ms) => ms !== null && ms > 0));
  const names = spreadLabels(
    ends.map((ms) => y(ms ?? 1)),
    15,
  );
  const from = x(Math.max(0, requests - lookedAt) + 0.5);
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      xLabel="request, one at a time"
      yLabel="milliseconds (log)"
    >
      {lookedAt > 0 && (
        <rect
          class="cut"
          x={px(from)}
          y={box.top}
          width={px(right - from)}
          height={bottom - box.top}
        />
      )}
      {series.map(({ name, className, marker, valuesMs }, i) => (
        <g class={`series ${className}`}>
          {valuesMs.map((ms, k) =>
            ms === null || ms <= 0 ? null : (
              <path
                class="dot"
                transform={`translate(${px(x(k + 1))} ${px(y(ms))})`}
                d={symbol(shapes[marker], 22)() ?? ''}
              >
                <title>{`request ${k + 1}, ${name}: ${formatNumber(ms)} ms`}</title>
              </path>
            ),
          )}
          {ends[i] !== undefined && (
            <text class="name halo" x={right + 8} y={px((names[i] ?? 0) + 4)}>
              {name}
            </text>
          )}
        </g>
      ))}
    </Frame>
  );
}
