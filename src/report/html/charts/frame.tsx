import type { ComponentChildren } from 'preact';
import type { Axis } from './scales.ts';

export interface Box {
  width: number;
  height: number;
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface FrameProps {
  id: string;
  title: string;
  /** The chart in words, for those who do not see it. */
  desc: string;
  box: Box;
  x: Axis;
  y: Axis;
  xLabel: string;
  yLabel: string;
  xTicks?: readonly number[];
  formatX?: (value: number) => string;
  formatY?: (value: number) => string;
  children: ComponentChildren;
}

/** A titled SVG with grid, axes and their labels; the children draw inside. */
export function Frame(props: FrameProps) {
  const { id, title, desc, box, x, y, xLabel, yLabel, children } = props;
  const { xTicks = x.ticks, formatX = formatTick, formatY = formatTick } = props;
  const bottom = box.height - box.bottom;
  const right = box.width - box.right;
  return (
    <svg
      viewBox={`0 0 ${box.width} ${box.height}`}
      role="img"
      aria-labelledby={`${id}-title ${id}-desc`}
      class="chart"
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-desc`}>{desc}</desc>
      <g class="grid" aria-hidden="true">
        {y.minorTicks.map((tick) => (
          <line class="minor" x1={box.left} x2={right} y1={px(y(tick))} y2={px(y(tick))} />
        ))}
        {y.ticks.map((tick) => (
          <line x1={box.left} x2={right} y1={px(y(tick))} y2={px(y(tick))} />
        ))}
      </g>
      <g class="axis" aria-hidden="true">
        {y.ticks.map((tick) => (
          <text x={box.left - 8} y={px(y(tick) + 4)} text-anchor="end">
            {formatY(tick)}
          </text>
        ))}
        <line class="base" x1={box.left} x2={right} y1={bottom} y2={bottom} />
        {xTicks.map((tick) => (
          <g>
            <line class="base" x1={px(x(tick))} x2={px(x(tick))} y1={bottom} y2={bottom + 4} />
            <text x={px(x(tick))} y={bottom + 18} text-anchor="middle">
              {formatX(tick)}
            </text>
          </g>
        ))}
        <text class="label" x={(box.left + right) / 2} y={box.height - 5} text-anchor="middle">
          {xLabel}
        </text>
        <text
          class="label"
          x={box.left - 8}
          y={box.top - 12}
          text-anchor="start"
          dx={-box.left + 10}
        >
          {yLabel}
        </text>
      </g>
      {children}
    </svg>
  );
}

/** 0.5, 1, 1.5, 1000, 10k: no digit more than it takes. */
function formatTick(value: number): string {
  if (value >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

/** Tenths of a pixel are enough, and keep the file small. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}
