import { formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import { createSpanAxis } from './scales.ts';

export interface LaunchRow {
  name: string;
  /** One a launch; null = not measured in it. */
  values: readonly (number | null)[];
  mean: number;
  low: number | null;
  high: number | null;
}

/** One metric: a row a load, a dot a launch, a bar for the interval of the mean. */
export function LaunchChart(props: {
  id: string;
  title: string;
  desc: string;
  unit: string;
  rows: readonly LaunchRow[];
}) {
  const { rows, unit } = props;
  const box: Box = {
    width: 500,
    height: 76 + rows.length * 44,
    top: 10,
    right: 20,
    bottom: 46,
    left: 16,
  };
  // Around what was measured: the question is how far the launches lie apart.
  const all = rows.flatMap(({ values, low, high, mean }) => [
    ...values.filter((value) => value !== null),
    low ?? mean,
    high ?? mean,
  ]);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const edge = 0.06 * (most - least || most || 1);
  const x = createSpanAxis(Math.max(0, least - edge), most + edge, [
    box.left,
    box.width - box.right,
  ]);
  const y = Object.assign((row: number) => box.top + 32 + row * 44, { ticks: [], minorTicks: [] });
  return (
    <Frame {...props} box={box} x={x} y={y} xLabel={unit} yLabel="">
      {rows.map(({ name, values, mean, low, high }, row) => {
        const at = px(y(row));
        const [from, to] = [Math.max(x.low, low ?? mean), high ?? mean].map((value) =>
          px(x(value)),
        );
        return (
          <g class="s-p50">
            <text class="row-name" x={box.left} y={at - 14}>
              {name}
            </text>
            {low !== null && <path class="whisker" d={`M${from} ${at - 6}v12m0-6H${to}m0-6v12`} />}
            <path class="line" d={`M${px(x(mean))} ${at - 8}v16`} />
            {values.map((value, i) =>
              value === null ? null : (
                <circle class="point" cx={px(x(value))} cy={at} r="4">
                  <title>{`${name}, launch ${i + 1}: ${formatNumber(value)} ${unit}`}</title>
                </circle>
              ),
            )}
          </g>
        );
      })}
    </Frame>
  );
}
