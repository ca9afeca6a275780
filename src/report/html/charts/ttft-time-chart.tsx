import { area, line } from 'd3-shape';
import { formatNumber } from '../../format.ts';
import type { TimeBand, TtftOverTime } from '../../time-bands.ts';
import { type Box, Frame, px } from './frame.tsx';
import { type Limit, LimitsAcross } from './limits.tsx';
import { createLogAxis, createSpanAxis } from './scales.ts';

const box: Box = { width: 1060, height: 240, top: 32, right: 16, bottom: 46, left: 52 };

/** TTFT over a level's time, with the stretch that the steady-window rule would cut. */
export function TtftTimeChart(props: {
  id: string;
  title: string;
  desc: string;
  data: TtftOverTime;
  /** Seconds from the start that the rule would cut; 0 = none. */
  cutS: number;
  limits: readonly Limit[];
}) {
  const { data, cutS, limits } = props;
  const times = data.kind === 'requests' ? data.points : data.bands;
  const values =
    data.kind === 'requests'
      ? data.points.map(({ ms }) => ms)
      : data.bands.flatMap(({ p50, p90, max }) => [p50, p90, max]);
  const first = times[0]?.atS ?? 0;
  const x = createSpanAxis(first < 5 ? Math.min(0, first) : first, times.at(-1)?.atS ?? 1, [
    box.left,
    box.width - box.right,
  ]);
  const y = createLogAxis(
    [...values, ...limits.map(({ value }) => value)],
    [box.height - box.bottom, box.top],
  );
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      xLabel="intended send, seconds since the window opened"
      yLabel="TTFT, ms (log)"
    >
      {cutS > 0 && (
        <rect
          class="cut"
          x={box.left}
          y={box.top}
          width={px(x(cutS) - box.left)}
          height={box.height - box.bottom - box.top}
        />
      )}
      <LimitsAcross part="lines" limits={limits} box={box} y={y} />
      {data.kind === 'requests' ? (
        <g class="s-p50">
          {data.points
            .filter(({ ms }) => ms > 0)
            .map(({ atS, ms }) => (
              <circle class="dot" cx={px(x(atS))} cy={px(y(ms))} r="2.6">
                <title>{`${atS.toFixed(2)} s: ${formatNumber(ms)} ms`}</title>
              </circle>
            ))}
        </g>
      ) : (
        <Bands bands={data.bands.filter(({ p50 }) => p50 > 0)} x={x} y={y} />
      )}
      <LimitsAcross part="labels" limits={limits} box={box} y={y} />
    </Frame>
  );
}

function Bands(props: {
  bands: readonly TimeBand[];
  x: (value: number) => number;
  y: (value: number) => number;
}) {
  const { bands, x, y } = props;
  const at = (pick: (band: TimeBand) => number) =>
    line<TimeBand>()
      .x((band) => px(x(band.atS)))
      .y((band) => px(y(pick(band))))([...bands]) ?? '';
  const between = area<TimeBand>()
    .x((band) => px(x(band.atS)))
    .y0((band) => px(y(band.p50)))
    .y1((band) => px(y(band.p90)));
  return (
    <g>
      <g class="s-p50">
        <path class="band" d={between([...bands]) ?? ''} />
        <path class="line" d={at(({ p50 }) => p50)} />
      </g>
      <g class="s-p99">
        {bands.map(({ atS, max }) => (
          <circle class="dot" cx={px(x(atS))} cy={px(y(max))} r="2.4" />
        ))}
      </g>
    </g>
  );
}
