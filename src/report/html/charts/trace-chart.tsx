import { formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import { createLogAxis } from './scales.ts';

export interface TracePoint {
  step: number;
  rateRps: number;
  /** Null: nothing to judge by. */
  passed: boolean | null;
  /** For the tooltip. */
  words: string;
}

const box: Box = { width: 500, height: 320, top: 34, right: 20, bottom: 46, left: 50 };

/** Rates in the order in which they were tried, what came out, and the bracket that is left. */
export function TraceChart(props: {
  id: string;
  title: string;
  desc: string;
  points: readonly TracePoint[];
  bracket: { lowRps: number; highRps: number | null } | null;
}) {
  const { points, bracket } = props;
  const [left, right] = [box.left, box.width - box.right];
  const last = points.at(-1)?.step ?? 1;
  const gap = (right - left) / (last + 1);
  const every = Math.ceil(last / 12);
  const x = Object.assign((step: number) => left + step * gap, {
    ticks: points.map(({ step }) => step).filter((step) => (step - 1) % every === 0),
    minorTicks: [],
  });
  const y = createLogAxis(
    points.map(({ rateRps }) => rateRps),
    [box.height - box.bottom, box.top],
  );
  const path = points.map(({ step, rateRps }) => `${px(x(step))} ${px(y(rateRps))}`).join('L');
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      xLabel="level, in the order of running"
      yLabel="rate, requests/s (log)"
    >
      {bracket && (
        <g class="knee">
          {bracket.highRps !== null && (
            <rect
              x={left}
              y={px(y(bracket.highRps))}
              width={right - left}
              height={px(y(bracket.lowRps) - y(bracket.highRps))}
            />
          )}
          <line x1={left} x2={right} y1={px(y(bracket.lowRps))} y2={px(y(bracket.lowRps))} />
        </g>
      )}
      <g class="s-plain trace">
        <path class="whisker" d={`M${path}`} />
      </g>
      {points.map(({ step, rateRps, passed, words }) => (
        <g
          class={passed === null ? 's-plain' : passed ? 's-good' : 's-bad'}
          transform={`translate(${px(x(step))} ${px(y(rateRps))})`}
        >
          {/* Shape as well as colour: a disc holds, a cross does not. */}
          {passed === false ? (
            <path class="miss" d="M-4.5-4.5l9 9m0-9l-9 9" />
          ) : (
            <circle class={passed === null ? 'point doubtful' : 'point'} r="4.5" />
          )}
          <title>{`${step}: ${formatNumber(rateRps)} req/s, ${words}`}</title>
        </g>
      ))}
    </Frame>
  );
}
