import {
  area,
  line,
  symbol,
  symbolCircle,
  symbolDiamond,
  symbolSquare,
  symbolTriangle,
} from 'd3-shape';
import { formatInterval, formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import { KneeBand, type KneeMark, type Limit, LimitsAcross } from './limits.tsx';
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
  /** False: points only, and no name at the end. */
  joined?: boolean;
}

export interface LevelChartProps {
  id: string;
  title: string;
  desc: string;
  xLabel: string;
  yLabel: string;
  series: readonly ChartSeries[];
  limits?: readonly Limit[];
  knee?: KneeMark | null;
  /** Logarithmic x for loads that span more than a factor of 20. */
  logX: boolean;
  /** Ticks at the loads that were measured rather than at round numbers. */
  ticksAtPoints?: boolean;
  /** Of the y values, for tooltips. */
  unit?: string;
}

const plainBox: Box = { width: 500, height: 320, top: 44, right: 46, bottom: 46, left: 48 };
const shapes = {
  circle: symbolCircle,
  square: symbolSquare,
  triangle: symbolTriangle,
  diamond: symbolDiamond,
};
const sizes = { circle: 46, square: 42, triangle: 42, diamond: 80 };

/** Values over load with a log y axis: lines with interval bands, points where there is one level. */
export function LevelChart(props: LevelChartProps) {
  const { series, limits = [], knee = null, ticksAtPoints = true, unit = 'ms' } = props;
  const points = series.flatMap((entry) => entry.points);
  const longest = Math.max(
    0,
    ...series.map(({ name, joined }) => (joined === false ? 0 : name.length)),
  );
  const box = { ...plainBox, right: Math.max(plainBox.right, 18 + 7.4 * longest) };
  const ys = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const y = createLogAxis(
    [...ys, ...limits.map(({ value }) => value)],
    [box.height - box.bottom, box.top],
  );
  const xs = points.map((point) => point.x);
  const marked = knee === null ? [] : [knee.at, ...(knee.failAt === null ? [] : [knee.failAt])];
  const range: [number, number] = [box.left, box.width - box.right];
  const makeAxis = props.logX ? createLogAxis : createLinearAxis;
  const x = makeAxis([...xs, ...marked], range);
  const ends = series.map((entry) => (entry.joined === false ? undefined : entry.points.at(-1)));
  const named = ends.filter((point) => point !== undefined);
  const spread = spreadLabels(
    named.map((point) => y(point.y)),
    15,
  );
  const endY = (i: number) => spread[ends.slice(0, i).filter((p) => p !== undefined).length] ?? 0;
  const notes = placeNotes(points, (point) => [x(point.x), y(point.y)]);
  const xTicks = spacedTicks(x, ticksAtPoints ? xs : x.ticks, 34);
  return (
    <Frame {...props} box={box} x={x} y={y} xTicks={xTicks}>
      {knee && <KneeBand knee={knee} box={box} x={x} />}
      <LimitsAcross part="lines" limits={limits} box={box} y={y} />
      {series.map((entry) => (
        <Bands entry={entry} x={x} y={y} />
      ))}
      {series.map((entry, i) => (
        <g class={`series ${entry.className}`}>
          {entry.points.length > 1 && entry.joined !== false && (
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
            <Point
              entry={entry}
              point={point}
              at={[x(point.x), y(point.y)]}
              unit={unit}
              late={x(point.x) > box.width - box.right - 60}
              noted={notes.has(point)}
            />
          ))}
          {ends[i] && (
            <text class="name halo" x={px(x(ends[i].x) + 9)} y={px(endY(i) + 4)}>
              {entry.points.length > 1
                ? entry.name
                : `${entry.name} ${formatNumber(ends[i].y)} ${unit}`}
            </text>
          )}
        </g>
      ))}
      <LimitsAcross part="labels" limits={limits} box={box} y={y} />
    </Frame>
  );
}

function Point(props: {
  entry: ChartSeries;
  point: ChartPoint;
  at: readonly [number, number];
  unit: string;
  /** Too near to the right edge for a note on that side. */
  late: boolean;
  noted: boolean;
}) {
  const { entry, point, at, unit, late, noted } = props;
  const [left, top] = at;
  return (
    <>
      <path
        class={point.doubtful ? 'point doubtful' : 'point'}
        transform={`translate(${px(left)} ${px(top)})`}
        d={pathOf(symbol(shapes[entry.marker], sizes[entry.marker])())}
      >
        <title>{tooltip(entry.name, point, unit)}</title>
      </path>
      {noted && (
        <text
          class="note halo"
          x={px(late ? left - 8 : left + 8)}
          y={px(top + 15)}
          text-anchor={late ? 'end' : 'start'}
        >
          {point.note}
        </text>
      )}
    </>
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
  const { points, joined = true } = entry;
  const alone = points.filter(
    (point, i) =>
      hasBand(point) &&
      (!joined ||
        ![points[i - 1], points[i + 1]].some((next) => next !== undefined && hasBand(next))),
  );
  return (
    <g class={entry.className}>
      {joined && points.length > 1 && <path class="band" d={pathOf(band(points))} />}
      {alone.map((point) => (
        <path
          class="whisker"
          d={`M${px(x(point.x) - 5)} ${px(y(point.low as number))}h10m-5 0V${px(y(point.high as number))}m-5 0h10`}
        />
      ))}
    </g>
  );
}

/** Those points whose notes do not run into one that stands already; the first and last first. */
function placeNotes(
  points: readonly ChartPoint[],
  placeOf: (point: ChartPoint) => readonly [number, number],
): Set<ChartPoint> {
  const wanted = points.filter((point) => point.note !== undefined);
  const [last, ...others] = [...wanted].reverse();
  const placed: { point: ChartPoint; at: readonly [number, number] }[] = [];
  for (const point of last === undefined ? [] : [last, ...others.reverse()]) {
    const at = placeOf(point);
    const meets = placed.some(
      (other) => Math.abs(other.at[0] - at[0]) < 66 && Math.abs(other.at[1] - at[1]) < 16,
    );
    if (!meets) placed.push({ point, at });
  }
  return new Set(placed.map(({ point }) => point));
}

function pathOf(d: string | null): string {
  return d ?? '';
}

function tooltip(name: string, point: ChartPoint, unit: string): string {
  const interval =
    point.low === null || point.high === null
      ? ', no interval'
      : formatInterval({ low: point.low, high: point.high, method: 'block-bootstrap' });
  return `${point.name}, ${name}: ${formatNumber(point.y)} ${unit}${interval}`;
}
