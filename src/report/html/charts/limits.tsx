import { type Box, px } from './frame.tsx';

/** A threshold: a value on an axis, with what it is. */
export interface Limit {
  value: number;
  label: string;
}

/** Limits without doubles; the label of several at one value names them all. */
export function mergeLimits(limits: readonly Limit[]): Limit[] {
  const byValue = new Map<number, string[]>();
  for (const { value, label } of limits) {
    byValue.set(value, [...(byValue.get(value) ?? []), label]);
  }
  return [...byValue]
    .sort(([a], [b]) => a - b)
    .map(([value, labels]) => ({ value, label: [...new Set(labels)].join(', ') }));
}

/** Lines across at thresholds on the y axis; labels are drawn on top of what lies on the lines. */
export function LimitsAcross(props: {
  part: 'lines' | 'labels';
  limits: readonly Limit[];
  box: Box;
  y: (value: number) => number;
}) {
  const { limits, box, y } = props;
  return (
    <g class="limit">
      {limits.map(({ value, label }) => {
        const at = px(y(value));
        return props.part === 'lines' ? (
          <line x1={box.left} x2={box.width - box.right} y1={at} y2={at} />
        ) : (
          <text class="halo" x={box.left + 4} y={at - 5}>
            {label}
          </text>
        );
      })}
    </g>
  );
}

/** Lines up at thresholds on the x axis; labels one below the other, so that they cannot meet. */
export function LimitsUp(props: {
  part: 'lines' | 'labels';
  limits: readonly Limit[];
  box: Box;
  x: (value: number) => number;
}) {
  const { limits, box, x } = props;
  const right = box.width - box.right;
  return (
    <g class="limit">
      {limits.map(({ value, label }, i) => {
        const at = px(x(value));
        const late = at > (box.left + right) / 2;
        return props.part === 'lines' ? (
          <line x1={at} x2={at} y1={box.top} y2={box.height - box.bottom} />
        ) : (
          <text
            class="halo"
            x={late ? at - 5 : at + 5}
            y={box.height - box.bottom - 8 - 16 * (limits.length - 1 - i)}
            text-anchor={late ? 'end' : 'start'}
          >
            {label}
          </text>
        );
      })}
    </g>
  );
}

/** The knee: the last load that holds, and the stretch up to the first that does not. */
export interface KneeMark {
  at: number;
  /** Null: no load that was tried fails. */
  failAt: number | null;
  /** Lines one above the other. */
  label: readonly string[];
}

export function KneeBand(props: { knee: KneeMark; box: Box; x: (value: number) => number }) {
  const { knee, box, x } = props;
  const [top, bottom] = [box.top, box.height - box.bottom];
  const at = px(x(knee.at));
  const until = knee.failAt === null ? at : px(x(knee.failAt));
  const late = at > (box.left + box.width - box.right) / 2;
  return (
    <g class="knee">
      {until > at && <rect x={at} y={top} width={px(until - at)} height={bottom - top} />}
      <line x1={at} x2={at} y1={top - 4} y2={bottom} />
      <text text-anchor={late ? 'end' : 'start'}>
        {knee.label.map((line, i) => (
          <tspan x={at} y={top - 8 - 13 * (knee.label.length - 1 - i)}>
            {line}
          </tspan>
        ))}
      </text>
    </g>
  );
}
