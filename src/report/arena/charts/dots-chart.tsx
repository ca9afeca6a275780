import { formatNumber } from '../../format.ts';
import { Frame, px } from '../../html/charts/frame.tsx';
import { createLinearAxis } from '../../html/charts/scales.ts';
import { layOutRows } from './rows.ts';

export interface DotsRow {
  name: string;
  /** One a run; runs in which it was not recorded are left out. */
  values: readonly number[];
  /** `median 1 of 4 runs` */
  text: string;
}

/** A dot a value, as large as the number of runs that had it, which is written beside it. */
export function DotsChart(props: {
  id: string;
  title: string;
  desc: string;
  unit: string;
  whole: boolean;
  rows: readonly DotsRow[];
}) {
  const { rows, unit, whole } = props;
  const { box, rowY, y } = layOutRows(rows.length, 42);
  const all = rows.flatMap(({ values }) => values);
  const x = createLinearAxis([...all, 1], [box.left + 6, box.width - box.right], 1.05);
  const ticks = whole ? x.ticks.filter(Number.isInteger) : x.ticks;
  return (
    <Frame {...props} box={box} x={x} y={y} xTicks={ticks} xLabel={unit} yLabel="">
      {rows.map(({ name, values, text }, row) => (
        <g class="s-p50">
          <text class="row-name halo" x={box.left} y={px(rowY(row) - 12)}>
            {name}
            <tspan class="row-text" dx="8">
              {text}
            </tspan>
          </text>
          {[...new Set(values)].map((value) => {
            const count = values.filter((other) => other === value).length;
            const radius = 2.6 + 1.4 * Math.sqrt(count);
            return (
              <g>
                <circle class="run-dot" cx={px(x(value))} cy={px(rowY(row))} r={px(radius)}>
                  <title>{`${name}: ${formatNumber(value)} ${unit}, ${count} ${count === 1 ? 'run' : 'runs'}`}</title>
                </circle>
                {count > 1 && (
                  <text class="row-text" x={px(x(value) + radius + 4)} y={px(rowY(row) + 4)}>
                    {count}
                  </text>
                )}
              </g>
            );
          })}
        </g>
      ))}
    </Frame>
  );
}
