import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { EcdfPoint } from '../../ecdf.ts';
import { type Box, Frame, px } from './frame.tsx';
import { type Limit, LimitsUp } from './limits.tsx';
import { createLogAxis } from './scales.ts';

/** A line of shares over a latency: a distribution, or what is within a threshold. */
export interface ShareSeries {
  name: string;
  className: string;
  dash: string | undefined;
  /** Drawn stronger: the headline level. */
  strong: boolean;
  points: readonly EcdfPoint[];
  /** Smaller values than the first point exist and are in its share. */
  clipped?: boolean;
}

interface ShareChartProps {
  id: string;
  title: string;
  desc: string;
  xLabel: string;
  series: readonly ShareSeries[];
  limits: readonly Limit[];
}

const box: Box = { width: 500, height: 320, top: 34, right: 18, bottom: 46, left: 50 };

/** Cumulative distributions, one step line a level, over a log x axis in milliseconds. */
export function EcdfChart(props: ShareChartProps) {
  const { series, limits } = props;
  const xs = series.flatMap((entry) => entry.points.map((point) => point.x));
  const x = createLogAxis(
    [...xs, ...limits.map(({ value }) => value)],
    [box.left, box.width - box.right],
  );
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
    <Frame {...props} box={box} x={x} y={y} yLabel="share at or below" formatY={percent}>
      <LimitsUp part="lines" limits={limits} box={box} x={x} />
      {series.map(({ points, clipped = false, ...entry }) => {
        const first = points[0];
        if (!first) return null;
        const [from, to] = [y(0), y(first.share)].map(px) as [number, number];
        // What lies left of the axis comes in from its edge, at the share that it has reached.
        const d = `M${clipped ? box.left : px(x(first.x))} ${clipped ? to : from}V${to}${(step(points) ?? '').replace('M', 'L')}`;
        return <SharePath {...entry} d={d} />;
      })}
      <LimitsUp part="labels" limits={limits} box={box} x={x} />
    </Frame>
  );
}

function SharePath(props: Omit<ShareSeries, 'points'> & { d: string }) {
  const { name, className, dash, strong, d } = props;
  return (
    <path class={`ecdf ${className}${strong ? ' strong' : ''}`} stroke-dasharray={dash} d={d}>
      <title>{name}</title>
    </path>
  );
}

const percent = (share: number) => `${Number((share * 100).toPrecision(4))} %`;

/** Shares nearer to 1 than this are drawn as this: a thousandth is as far as the axis goes. */
const leastMiss = 0.001;

/**
 * Share of requests within a threshold, with the misses on a log axis, so that 90, 99 and 99.9 %
 * are as far apart as they are hard to reach.
 */
export function AttainmentChart(props: ShareChartProps & { quantile: number | null }) {
  const { series, limits, quantile } = props;
  const xs = series.flatMap((entry) => entry.points.map((point) => point.x));
  const x = createLogAxis(
    [...xs, ...limits.map(({ value }) => value)],
    [box.left, box.width - box.right],
  );
  const [bottom, top] = [box.height - box.bottom, box.top];
  const height = (share: number) => Math.log10(1 / Math.max(leastMiss, Math.min(1, 1 - share)));
  const y = Object.assign((share: number) => bottom - (height(share) / 3) * (bottom - top), {
    ticks: [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999],
    minorTicks: [],
  });
  const path = line<EcdfPoint>()
    .x((point) => px(x(point.x)))
    .y((point) => px(y(point.share)))
    .curve(curveStepAfter);
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      yLabel="share within (misses on a log scale)"
      formatY={percent}
    >
      {quantile !== null && (
        <g class="limit target">
          <line
            x1={box.left}
            x2={box.width - box.right}
            y1={px(y(quantile))}
            y2={px(y(quantile))}
          />
        </g>
      )}
      <LimitsUp part="lines" limits={limits} box={box} x={x} />
      {series.map(({ points, ...entry }) => (
        <SharePath {...entry} d={path(points) ?? ''} />
      ))}
      <LimitsUp part="labels" limits={limits} box={box} x={x} />
    </Frame>
  );
}
