import { area, curveStepAfter } from 'd3-shape';
import type { PhaseBins } from '../../phase-bins.ts';
import { type Box, Frame, px } from './frame.tsx';
import { createLinearAxis, createSpanAxis } from './scales.ts';

const box: Box = { width: 1060, height: 220, top: 30, right: 16, bottom: 46, left: 52 };
const phases = ['decode', 'prefill', 'wait'] as const;

/** Requests in flight over a level's time, stacked by what they were doing. */
export function PhasesChart(props: {
  id: string;
  title: string;
  desc: string;
  bins: PhaseBins;
  originUs: number;
}) {
  const { bins, originUs } = props;
  const count = bins.decode.length;
  const seconds = (i: number) => (bins.fromUs + i * bins.binUs - originUs) / 1e6;
  const totals = Array.from(
    bins.decode,
    (value, i) => value + at(bins.prefill, i) + at(bins.wait, i),
  );
  const x = createSpanAxis(seconds(0), seconds(count), [box.left, box.width - box.right]);
  const y = createLinearAxis(totals, [box.height - box.bottom, box.top]);
  const indices = Array.from({ length: count + 1 }, (_, i) => i);
  let below = new Float64Array(count);
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      xLabel="seconds since the level's window opened"
      yLabel="requests"
    >
      {phases.map((phase) => {
        const base = below;
        const top = Float64Array.from(base, (value, i) => value + at(bins[phase], i));
        below = top;
        const shape = area<number>()
          .x((i) => px(x(seconds(i))))
          .y0((i) => px(y(at(base, Math.min(i, count - 1)))))
          .y1((i) => px(y(at(top, Math.min(i, count - 1)))))
          .curve(curveStepAfter);
        return <path class={phase} d={shape(indices) ?? ''} />;
      })}
    </Frame>
  );
}

const at = (values: Float64Array, i: number) => values[i] ?? 0;
