import { area, line, symbol, symbolCircle, symbolSquare, symbolTriangle } from 'd3-shape';
import { formatInterval, formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import type { Marker } from './palette.ts';
import { createLinearAxis, createLogAxis, spacedTicks, spreadLabels } from './scales.ts';

export interface ChartPoint {
  x: number;
  y: number;
  /** 95 % interval; null where there is none. */
  low: number | null;
  high: number | null;
  /** Drawn hollow: the level is not valid or the percentile rests on too few requests. */
  doubtful: boolean;
  /** For the tooltip: `4 req/s`. */
  name: string;
  /** Written beside the point. */
  note?: string;
}

export interface ChartSeries {
  name: string;
  className: string;
  marker: Marker;
  points: ChartPoint[];
}

export interface LevelChartProps {
  id: string;
  title: string;
  desc: string;
  xLabel: string;
  yLabel: string;
  series: readonly ChartSeries[];
  limit: { value: number; label: string } | null;
  /** Logarithmic x for loads that span more than a factor of 20. */
  logX: boolean;
  /** Joined in order of x; off where x is not the thing that was varied. */
  nameSeries?: boolean;
}

const box: Box = { width: 520, height: 340, top: 34, right: 44, bottom: 48, left: 52 };
const shapes = { circle: symbolCircle, square: symbolSquare, triangle: symbolTriangle };
const sizes = { circle: 52, square: 46, triangle: 44 };

/** Percentiles over load with a log y axis: lines with interval bands, points when there is one level. */
export function LevelChart(props: LevelChartProps) {
  const { series, limit, nameSeries = true } = props;
  const points = series.flatMap((entry) => entry.points);
  const ys = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const y = createLogAxis(limit ? [...ys, limit.value] : ys, [box.height - box.bottom, box.top]);
  const xs = points.map((point) => point.x);
  const range: [number, number] = [box.left, box.width - box.right];
  const x = props.logX ? createLogAxis(xs, range) : createLinearAxis(xs, range);
  const wanted = nameSeries ? xs : x.ticks;
  const ends = series.map((entry) => entry.points.at(-1));
  const labelYs = spreadLabels(
    ends.map((point) => (point ? y(point.y) : 0)),
    14,
  );
  return (
    <Frame {...props} box={box} x={x} y={y} xTicks={spacedTicks(x, wanted, 30)}>
      {limit && (
        <g class="limit">
          <line
            x1={box.left}
            x2={box.width - box.right}
            y1={px(y(limit.value))}
            y2={px(y(limit.value))}
          />
          <text x={box.left + 4} y={px(y(limit.value) - 5)}>
            {limit.label}
          </text>
        </g>
      )}
      {series.map((entry) => (
        <Bands entry={entry} x={x} y={y} />
      ))}
      {series.map((entry, i) => (
        <g class={`series ${entry.className}`}>
          {entry.points.length > 1 && (
            <path
              class="line"
              d={pathOf(
                line<ChartPoint>()
                  .x((p) => px(x(p.x)))
                  .y((p) => px(y(p.y)))(entry.points),
              )}
            />
          )}
          {entry.points.map((point) => (
            <>
              <path
                class={point.doubtful ? 'point doubtful' : 'point'}
                transform={`translate(${px(x(point.x))} ${px(y(point.y))})`}
                d={pathOf(symbol(shapes[entry.marker], sizes[entry.marker])())}
              >
                <title>{tooltip(entry.name, point)}</title>
              </path>
              {point.note !== undefined && (
                <text class="note" x={px(x(point.x) + 8)} y={px(y(point.y) + 16)}>
                  {point.note}
                </text>
              )}
            </>
          ))}
          {nameSeries && ends[i] && (
            <text class="name" x={px(x(ends[i].x) + 9)} y={px((labelYs[i] as number) + 4)}>
              {entry.points.length > 1
                ? entry.name
                : `${entry.name}: ${formatNumber(ends[i].y)} ms`}
            </text>
          )}
        </g>
      ))}
    </Frame>
  );
}

function Bands(props: {
  entry: ChartSeries;
  x: (value: number) => number;
  y: (value: number) => number;
}) {
  const { entry, x, y } = props;
  const hasBand = (point: ChartPoint) => point.low !== null && point.high !== null && point.low > 0;
  const band = area<ChartPoint>()
    .defined(hasBand)
    .x((point) => px(x(point.x)))
    .y0((point) => px(y(point.low as number)))
    .y1((point) => px(y(point.high as number)));
  // A band needs two neighbours; an interval that stands alone is drawn as a bar.
  const { points } = entry;
  const alone = points.filter(
    (point, i) =>
      hasBand(point) &&
      ![points[i - 1], points[i + 1]].some((next) => next !== undefined && hasBand(next)),
  );
  return (
    <g class={entry.className}>
      {points.length > 1 && <path class="band" d={pathOf(band(points))} />}
      {alone.map((point) => (
        <path
          class="whisker"
          d={`M${px(x(point.x) - 5)} ${px(y(point.low as number))}h10m-5 0V${px(y(point.high as number))}m-5 0h10`}
        />
      ))}
    </g>
  );
}

function pathOf(d: string | null): string {
  return d ?? '';
}

function tooltip(name: string, point: ChartPoint): string {
  const interval =
    point.low === null || point.high === null
      ? ', no interval'
      : formatInterval({ low: point.low, high: point.high, method: 'block-bootstrap' });
  return `${point.name}, ${name}: ${formatNumber(point.y)} ms${interval}`;
}
