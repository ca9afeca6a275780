import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { EcdfPoint } from '../../ecdf.ts';
import { type Box, Frame, px } from './frame.tsx';
import { createLogAxis } from './scales.ts';

export interface EcdfSeries {
  name: string;
  color: string;
  dash: string | undefined;
  /** Drawn stronger: the headline level. */
  strong: boolean;
  points: EcdfPoint[];
}

const box: Box = { width: 520, height: 340, top: 34, right: 20, bottom: 48, left: 52 };

/** Cumulative distributions, one step line a level, over a log x axis in milliseconds. */
export function EcdfChart(props: {
  id: string;
  title: string;
  desc: string;
  xLabel: string;
  series: readonly EcdfSeries[];
  limit: { value: number; label: string } | null;
}) {
  const { series, limit } = props;
  const xs = series.flatMap((entry) => entry.points.map((point) => point.x));
  const x = createLogAxis(limit ? [...xs, limit.value] : xs, [box.left, box.width - box.right]);
  const scale = scaleLinear([0, 1], [box.height - box.bottom, box.top]);
  const y = Object.assign((value: number) => scale(value), {
    ticks: [0, 0.25, 0.5, 0.75, 0.9, 1],
    minorTicks: [],
  });
  const step = line<EcdfPoint>()
    .x((point) => px(x(point.x)))
    .y((point) => px(y(point.share)))
    .curve(curveStepAfter);
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      yLabel="share at or below"
      formatY={(share) => `${Math.round(share * 100)} %`}
    >
      {limit && (
        <g class="limit">
          <line
            x1={px(x(limit.value))}
            x2={px(x(limit.value))}
            y1={box.top}
            y2={box.height - box.bottom}
          />
          <text x={px(x(limit.value))} y={box.top - 7} text-anchor="middle">
            {limit.label}
          </text>
        </g>
      )}
      {series.map(({ name, color, dash, strong, points }) => {
        const first = points[0];
        if (!first) return null;
        const [from, to] = [y(0), y(first.share)].map(px) as [number, number];
        return (
          <path
            class={strong ? 'ecdf strong' : 'ecdf'}
            stroke={color}
            stroke-dasharray={dash}
            d={`M${px(x(first.x))} ${from}V${to}${(step(points) ?? '').replace('M', 'L')}`}
          >
            <title>{name}</title>
          </path>
        );
      })}
    </Frame>
  );
}
