import { Frame, px } from '../../html/charts/frame.tsx';
import { layOutRows, scoreAxis } from './rows.ts';

export interface ScoreBar {
  name: string;
  mean: number;
  low: number | null;
  high: number | null;
  /** Written after the name: `3.53× ±0.05, rank 2–4, ab`. */
  text: string;
}

/** A bar a row from the reference (or from 0) to the mean, a whisker for its interval. */
export function ScoreChart(props: {
  id: string;
  title: string;
  desc: string;
  form: 'speedup' | 'correctness_gated';
  rows: readonly ScoreBar[];
}) {
  const { rows, form } = props;
  const { box, rowY, y } = layOutRows(rows.length, 42);
  const ends = rows.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]));
  const x = scoreAxis(
    rows.map(({ mean }) => mean),
    ends,
    form,
    box,
  );
  const from = x(form === 'speedup' ? 1 : 0);
  const unit =
    form === 'speedup' ? 'speed-up over the reference (1 = as fast)' : 'score (1 = parity)';
  return (
    <Frame {...props} box={box} x={x} y={y} xLabel={unit} yLabel="">
      <line class="parity" x1={px(x(1))} x2={px(x(1))} y1={box.top} y2={box.height - box.bottom} />
      {rows.map(({ name, mean, low, high, text }, row) => {
        const at = rowY(row);
        const [start, end] = [Math.min(from, x(mean)), Math.max(from, x(mean))];
        return (
          <g class="score-row">
            <text class="row-name halo" x={box.left} y={px(at - 12)}>
              {name}
              <tspan class="row-text" dx="8">
                {text}
              </tspan>
            </text>
            <rect
              class={`score-bar${end - start < 1.5 ? ' none' : ''}`}
              x={px(start)}
              y={px(at - 6)}
              width={px(Math.max(1.5, end - start))}
              height={12}
            >
              <title>{`${name}: ${text}`}</title>
            </rect>
            {low !== null && high !== null && <Whisker x={x} low={low} high={high} y={at} />}
          </g>
        );
      })}
    </Frame>
  );
}

/** With a cap at each end; an arrow instead where the axis ends before the interval does. */
function Whisker(props: { x: ReturnType<typeof scoreAxis>; low: number; high: number; y: number }) {
  const { x, low, high, y } = props;
  const [from, to] = [px(x(Math.max(low, x.low))), px(x(Math.min(high, x.high)))];
  const left = low < x.low ? `M${from + 5} ${y - 5}l-5 5l5 5` : `M${from} ${y - 5}v10`;
  const right = high > x.high ? `M${to - 5} ${y - 5}l5 5l-5 5` : `M${to} ${y - 5}v10`;
  return <path class="score-whisker" d={`${left}M${from} ${y}H${to}${right}`} />;
}
