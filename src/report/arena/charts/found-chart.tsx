import { Frame, px } from '../../html/charts/frame.tsx';
import { layOutRows, scoreAxis } from './rows.ts';

export interface FoundRow {
  name: string;
  submitted: number;
  found: number;
  /** `3.12× → 7.84×` */
  text: string;
}

/** A disc for what was submitted, a ring for the best that was found, what was lost between them. */
export function FoundChart(props: {
  id: string;
  title: string;
  desc: string;
  form: 'speedup' | 'correctness_gated';
  rows: readonly FoundRow[];
}) {
  const { rows, form } = props;
  const { box, rowY, y } = layOutRows(rows.length, 40);
  const x = scoreAxis(
    rows.flatMap(({ submitted, found }) => [submitted, found]),
    [],
    form,
    box,
  );
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      xLabel={form === 'speedup' ? 'speed-up over the reference' : 'score'}
      yLabel=""
    >
      <line class="parity" x1={px(x(1))} x2={px(x(1))} y1={box.top} y2={box.height - box.bottom} />
      {rows.map(({ name, submitted, found, text }, row) => {
        const at = px(rowY(row));
        return (
          <g>
            <text class="row-name halo" x={box.left} y={px(at - 12)}>
              {name}
              <tspan class="row-text" dx="8">
                {text}
              </tspan>
            </text>
            <line class="lost" x1={px(x(submitted))} x2={px(x(found))} y1={at} y2={at} />
            <circle class="found" cx={px(x(found))} cy={at} r="5.5">
              <title>{`${name}, found: ${text}`}</title>
            </circle>
            <circle class="submitted" cx={px(x(submitted))} cy={at} r="4" />
          </g>
        );
      })}
    </Frame>
  );
}
