import type { Comparison, MetricComparison } from '../../model/index.ts';
import { px } from '../html/charts/frame.tsx';
import { createLogAxis } from '../html/charts/scales.ts';
import { blockValue, changeText, verdictText } from './words.ts';

const width = 760;
const rowHeight = 92;
// Widest label, and air.
const LABEL_PX = 54;
const box = { top: 40, left: 22, right: 30, bottom: 34 };

/**
 * B against A, one row a metric: every block as a dot, the 95 % interval as a bar, the margin of
 * equivalence as a band around no change, the noise floor (A against itself) below.
 */
export function RatioChart({ comparison }: { comparison: Comparison }) {
  const rows = comparison.results.filter((row) => row.primary && row.ratio !== null);
  const height = box.top + rows.length * rowHeight + box.bottom;
  const margin = rows[0]?.equivalence.marginShare ?? 0.05;
  const dots = rows.map((row) => ratiosOf(comparison, row.metric));
  const ends = rows.flatMap((row) => [
    row.low,
    row.high,
    row.noiseFloor?.low,
    row.noiseFloor?.high,
  ]);
  const values = [...dots.flat(), ...ends, 1 - margin, 1 + margin].filter(
    (value): value is number => typeof value === 'number' && value > 0.01 && value < 100,
  );
  const spread = Math.max(...values.map((value) => Math.abs(Math.log(value))), 0.05) * 1.08;
  const around = [Math.exp(-spread), Math.exp(spread)];
  const inner: [number, number] = [box.left, width - box.right];
  const log = (value: number) =>
    inner[0] + ((Math.log(value) + spread) / (2 * spread)) * (inner[1] - inner[0]);
  const ticks = ticksBetween(around[0] as number, around[1] as number);
  const bottom = height - box.bottom;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-labelledby="ratio-title ratio-desc"
      class="chart"
    >
      <title id="ratio-title">B against A</title>
      <desc id="ratio-desc">
        {rows.map((row) => `${row.title}: ${verdictText(row)}`).join('. ')}
      </desc>
      <rect
        class="margin-band"
        x={px(log(1 - margin))}
        width={px(log(1 + margin) - log(1 - margin))}
        y={box.top - 8}
        height={bottom - box.top + 8}
      />
      <g class="grid" aria-hidden="true">
        {ticks.map((tick) => (
          <line x1={px(log(tick))} x2={px(log(tick))} y1={box.top - 8} y2={bottom} />
        ))}
      </g>
      <g class="axis" aria-hidden="true">
        <line class="none" x1={px(log(1))} x2={px(log(1))} y1={box.top - 12} y2={bottom} />
        {apart(ticks, log).map((tick) => (
          <text
            class={(ticks.indexOf(tick) - ticks.indexOf(1)) % 2 === 0 ? undefined : 'between'}
            x={px(log(tick))}
            y={bottom + 22}
            text-anchor="middle"
          >
            {changeText(tick)}
          </text>
        ))}
        <text class="label" x={inner[0]} y={20} text-anchor="start">
          B lower
        </text>
        <text class="label" x={inner[1]} y={20} text-anchor="end">
          B higher
        </text>
      </g>
      {rows.map((row, i) => (
        <Row row={row} ratios={dots[i] ?? []} log={log} y={box.top + (i + 0.5) * rowHeight} />
      ))}
    </svg>
  );
}

function Row(props: {
  row: MetricComparison;
  ratios: readonly number[];
  log: (value: number) => number;
  y: number;
}) {
  const { row, ratios, log, y } = props;
  const { low, high, ratio, noiseFloor: floor } = row;
  const tone = row.verdict === 'b-better' ? 'good' : row.verdict === 'a-better' ? 'bad' : 'plain';
  return (
    <g class={`ratio ${tone}`}>
      <text class="name halo" x={box.left} y={px(y - 24)}>
        {row.title}
        <tspan class="sub">, {row.better} is better</tspan>
      </text>
      {ratios.map((value) => (
        <circle class="dot" cx={px(log(value))} cy={px(y - 6)} r={3.2} />
      ))}
      {low !== null && high !== null && (
        <line class="span" x1={px(log(low))} x2={px(log(high))} y1={px(y + 11)} y2={px(y + 11)} />
      )}
      {ratio !== null && <circle class="mean" cx={px(log(ratio))} cy={px(y + 11)} r={5} />}
      {floor !== null && (
        <line
          class="floor"
          x1={px(log(floor.low))}
          x2={px(log(floor.high))}
          y1={px(y + 27)}
          y2={px(y + 27)}
        />
      )}
    </g>
  );
}

/** B / A of every valid block that has both. */
export function ratiosOf({ blocks, design }: Comparison, metric: string): number[] {
  // Stored results are no pairs.
  if (design === 'stored') return [];
  return blocks.flatMap((block) => {
    const { a, b } = blockValue(block, metric);
    return block.valid && a !== null && b !== null && a > 0 && b > 0 ? [b / a] : [];
  });
}

/** Round changes on a logarithmic scale, few enough to read. */
function ticksBetween(low: number, high: number): number[] {
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
  const step = steps.find((one) => Math.log(high) / Math.log1p(one) <= 5) ?? 1;
  if (step === 1 && high > 32) return createLogAxis([low, high], [0, 600]).ticks;
  const up = Array.from({ length: 6 }, (_, i) => 1 + i * step);
  return [...up, ...up.slice(1).map((value) => 2 - value)]
    .filter((value) => value > Math.max(low, 0) && value < high)
    .sort((a, b) => a - b);
}

/** Those whose labels do not touch: from no change outwards, equal steps get narrower. */
function apart(ticks: readonly number[], log: (value: number) => number): number[] {
  const kept: number[] = [];
  const outwards = [...ticks].sort((a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)));
  for (const tick of outwards) {
    if (kept.every((other) => Math.abs(log(tick) - log(other)) >= LABEL_PX)) kept.push(tick);
  }
  return kept;
}

/** Of this chart alone; the rest of the page has the report's styles. */
export const ratioStyles = `
.margin-band { fill: var(--plain-bg); }
.axis .none { stroke: var(--ink); stroke-width: 1; opacity: 0.55; }
.ratio { --r: var(--muted); }
.ratio.good { --r: var(--good); } .ratio.bad { --r: var(--bad); }
.ratio .name { fill: var(--ink); font-size: 13.5px; font-weight: 600; }
.ratio .sub { fill: var(--muted); font-size: 12.5px; font-weight: 400; }
.ratio .dot { fill: none; stroke: var(--r); stroke-width: 1.4; opacity: 0.8; }
.ratio .span { stroke: var(--r); stroke-width: 4; stroke-linecap: round; }
.ratio .mean { fill: var(--card); stroke: var(--r); stroke-width: 2.6; }
#ratios svg.chart { max-width: 920px; min-width: 0; }
#ratios .axis .label { fill: var(--muted); }
.ratio .floor { stroke: var(--muted); stroke-width: 2; stroke-dasharray: 2 4; stroke-linecap: round; }
.scroll + .verdict-words { margin-top: 14px; }
.findings + .scroll { margin-top: 22px; }
#toggle td.text, #doubts td.text { min-width: 8em; }
@media (max-width: 520px) {
  #ratios .name { font-size: 23px; } #ratios .sub, #ratios .axis text { font-size: 21px; }
  #ratios .between { display: none; }
  #ratios .dot { stroke-width: 2.2; }
}
`;
