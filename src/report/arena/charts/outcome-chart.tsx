import { type TrialOutcome, trialOutcomes } from '../../../model/index.ts';
import { Frame, px } from '../../html/charts/frame.tsx';
import { createLinearAxis } from '../../html/charts/scales.ts';
import { outcomeWords } from '../words.ts';
import { layOutRows } from './rows.ts';

export interface OutcomeRow {
  name: string;
  counts: Record<TrialOutcome, number>;
}

/** Trials of each row by outcome, one after the other; what they are is written below the bar. */
export function OutcomeChart(props: {
  id: string;
  title: string;
  desc: string;
  rows: readonly OutcomeRow[];
}) {
  const { rows } = props;
  const { box, rowY, y } = layOutRows(rows.length, 58);
  const totals = rows.map(({ counts }) =>
    trialOutcomes.reduce((sum, kind) => sum + counts[kind], 0),
  );
  const x = createLinearAxis(totals, [box.left, box.width - box.right], 1.02);
  const ticks = x.ticks.filter(Number.isInteger);
  return (
    <Frame {...props} box={box} x={x} y={y} xTicks={ticks} xLabel="trials" yLabel="">
      {rows.map(({ name, counts }, row) => {
        const at = rowY(row);
        let sum = 0;
        return (
          <g>
            <text class="row-name halo" x={box.left} y={px(at - 12)}>
              {name}
            </text>
            {trialOutcomes.map((kind) => {
              const count = counts[kind];
              if (count === 0) return null;
              const [from, to] = [x(sum), x(sum + count)];
              sum += count;
              return (
                <rect
                  class={`o-${kind}`}
                  x={px(from)}
                  y={px(at - 6)}
                  width={px(Math.max(1, to - from - 1))}
                  height={12}
                >
                  <title>{`${name}: ${count} ${outcomeWords[kind]}`}</title>
                </rect>
              );
            })}
            <text class="row-text" x={box.left} y={px(at + 21)}>
              {countsText(counts)}
            </text>
          </g>
        );
      })}
    </Frame>
  );
}

/** `7 scored, 1 quality failed` */
export function countsText(counts: Record<TrialOutcome, number>): string {
  return trialOutcomes
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${outcomeWords[kind]}`)
    .join(', ');
}
