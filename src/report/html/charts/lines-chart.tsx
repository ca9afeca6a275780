import { line } from 'd3-shape';
import { formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import type { Axis } from './scales.ts';
import { createLinearAxis, createLogAxis, createSpanAxis, spreadLabels } from './scales.ts';

export interface LinesSeries {
  name: string;
  className: string;
  /** Dash pattern, so that lines differ without colour. */
  dash?: string;
  /** In order of x. */
  points: readonly { x: number; y: number; name?: string }[];
}

/** Plain lines on a linear y axis from 0: counts and shares over load or over time. */
export function LinesChart(props: {
  id: string;
  title: string;
  desc: string;
  xLabel: string;
  yLabel: string;
  series: readonly LinesSeries[];
  /** Over time: as wide as the page and from the first point on. */
  wide?: boolean;
  logX?: boolean;
  /** Dots at the points. */
  dots?: boolean;
}) {
  const { series, wide = false, logX = false, dots = false } = props;
  const longest = Math.max(0, ...series.map(({ name }) => name.length));
  const box: Box = wide
    ? { width: 1060, height: 200, top: 30, right: 20 + 7.4 * longest, bottom: 46, left: 52 }
    : { width: 500, height: 260, top: 44, right: 20 + 7.4 * longest, bottom: 46, left: 48 };
  const points = series.flatMap((entry) => entry.points);
  const xs = points.map(({ x }) => x);
  const range: [number, number] = [box.left, box.width - box.right];
  const x: Axis = wide
    ? createSpanAxis(
        xs.reduce((a, b) => Math.min(a, b), 0),
        xs.reduce((a, b) => Math.max(a, b), 0),
        range,
      )
    : (logX ? createLogAxis : createLinearAxis)(xs, range);
  const y = createLinearAxis(
    points.map((point) => point.y),
    [box.height - box.bottom, box.top],
  );
  const drawn = series.filter((entry) => entry.points.length > 0);
  const ends = spreadLabels(
    drawn.map((entry) => y(entry.points.at(-1)?.y ?? 0)),
    15,
  );
  const path = line<{ x: number; y: number }>()
    .x((point) => px(x(point.x)))
    .y((point) => px(y(point.y)));
  return (
    <Frame {...props} box={box} x={x} y={y}>
      {drawn.map(({ name, className, dash, points: own }, i) => (
        <g class={`series ${className}`}>
          {own.length > 1 && (
            <path
              class="line"
              d={path([...own]) ?? ''}
              {...(dash !== undefined && { 'stroke-dasharray': dash })}
            />
          )}
          {(dots || own.length === 1) &&
            own.map((point) => (
              <circle class="point" cx={px(x(point.x))} cy={px(y(point.y))} r={4}>
                <title>{`${point.name ?? ''} ${name}: ${formatNumber(point.y)}`}</title>
              </circle>
            ))}
          <text class="name halo" x={px(x(own.at(-1)?.x ?? 0) + 9)} y={px((ends[i] ?? 0) + 4)}>
            {name}
          </text>
        </g>
      ))}
    </Frame>
  );
}
