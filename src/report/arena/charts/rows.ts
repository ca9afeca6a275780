import type { Box } from '../../html/charts/frame.tsx';
import {
  type Axis,
  createLinearAxis,
  createLogAxis,
  type ScaledAxis,
} from '../../html/charts/scales.ts';

/** A drawing of one row after the other, the name of each above what is drawn. */
export interface RowLayout {
  box: Box;
  /** Middle of what is drawn in a row. */
  rowY(row: number): number;
  y: Axis;
}

export function layOutRows(count: number, rowHeight: number): RowLayout {
  const box: Box = {
    width: 500,
    height: 62 + count * rowHeight,
    top: 8,
    right: 24,
    bottom: 46,
    left: 16,
  };
  const rowY = (row: number) => box.top + 30 + row * rowHeight;
  return { box, rowY, y: Object.assign(rowY, { ticks: [], minorTicks: [] }) };
}

/** Whiskers of a few runs reach far: what is beyond this factor of the scores is cut and marked. */
const farthest = 2;

/**
 * The axis of scores: logarithmic for speed-ups, with 1 (the reference) on it; from 0 for the
 * correctness-gated form. Ends of intervals count as far as they are within a factor of 2.
 */
export function scoreAxis(
  scores: readonly number[],
  ends: readonly number[],
  form: 'speedup' | 'correctness_gated',
  { left, right, width }: Box,
): ScaledAxis {
  const range: [number, number] = [left, width - right];
  const most = Math.max(1, ...scores) * farthest;
  if (form === 'correctness_gated') {
    return createLinearAxis([1, ...scores, ...ends.map((end) => Math.min(end, most))], range);
  }
  const least = Math.min(1, ...scores) / farthest;
  return createLogAxis(
    [1, ...scores, ...ends.map((end) => Math.min(most, Math.max(least, end)))],
    range,
  );
}
