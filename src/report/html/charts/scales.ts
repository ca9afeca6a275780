import { scaleLinear, scaleLog } from 'd3-scale';

/** Maps a value to a position in the drawing, and the values to write on its axis. */
export interface Axis {
  (value: number): number;
  ticks: number[];
  minorTicks: number[];
}

export interface ScaledAxis extends Axis {
  /** Ends of what is shown. */
  low: number;
  high: number;
}

/** A logarithmic axis around all values, at least a factor of 3 wide; values must be > 0. */
export function createLogAxis(values: readonly number[], range: [number, number]): ScaledAxis {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  let low = positive.length === 0 ? 1 : -largest(positive.map((value) => -value)) / 1.25;
  let high = positive.length === 0 ? 10 : largest(positive) * 1.25;
  if (high / low < 3) {
    const middle = Math.sqrt(low * high);
    low = middle / Math.sqrt(3);
    high = middle * Math.sqrt(3);
  }
  const scale = scaleLog().domain([low, high]).range(range);
  // The densest set of round numbers that still leaves room for the labels.
  const sets = [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]];
  const candidates = sets.map((digits) => roundNumbers(digits, low, high));
  const room = Math.max(4, Math.abs(range[1] - range[0]) / 44);
  const ticks = candidates.find((set) => set.length <= room) ?? (candidates.at(-1) as number[]);
  const minorTicks = roundNumbers([1, 2, 3, 4, 5, 6, 7, 8, 9], low, high);
  return Object.assign((value: number) => scale(value), { ticks, minorTicks, low, high });
}

/** Without spreading: there may be more values than a call takes arguments. */
function largest(values: readonly number[], atLeast = Number.NEGATIVE_INFINITY): number {
  return values.reduce((most, value) => Math.max(most, value), atLeast);
}

function roundNumbers(digits: readonly number[], low: number, high: number): number[] {
  const out: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of digits) {
      const value = Number((digit * 10 ** power).toPrecision(3));
      if (value >= low && value <= high) out.push(value);
    }
  }
  return out;
}

/** A linear axis from 0 to `room` times the largest value, or with a single value in its middle. */
export function createLinearAxis(
  values: readonly number[],
  range: [number, number],
  room = new Set(values).size === 1 ? 2 : 1.06,
): ScaledAxis {
  const most = largest(values.filter(Number.isFinite), 0);
  const scale = scaleLinear()
    .domain([0, most > 0 ? most * room : 1])
    .range(range);
  const count = Math.max(3, Math.floor(Math.abs(range[1] - range[0]) / 80));
  return Object.assign((value: number) => scale(value), {
    ticks: scale.ticks(count),
    minorTicks: [],
    low: 0,
    high: scale.domain()[1] as number,
  });
}

/** A linear axis over a stretch, of time for example; it need not begin at 0. */
export function createSpanAxis(low: number, to: number, range: [number, number]): ScaledAxis {
  const high = to > low ? to + 0.01 * (to - low) : low + 1;
  const scale = scaleLinear().domain([low, high]).range(range);
  const ticks = scale.ticks(Math.max(3, Math.floor(Math.abs(range[1] - range[0]) / 80)));
  return Object.assign((value: number) => scale(value), {
    ticks,
    minorTicks: [],
    low,
    high,
  });
}

/** Those of the wanted ticks whose labels do not run into each other, the last one first of all. */
export function spacedTicks(axis: Axis, wanted: readonly number[], minPixels: number): number[] {
  const kept: number[] = [];
  for (const value of [...new Set(wanted)].sort((a, b) => b - a)) {
    if (kept.every((other) => Math.abs(axis(other) - axis(value)) >= minPixels)) kept.push(value);
  }
  return kept.reverse();
}

/** Moves positions apart until neighbours are `gap` from each other; keeps their order. */
export function spreadLabels(positions: readonly number[], gap: number): number[] {
  const order = positions.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  for (let round = 0; round < 50; round++) {
    let moved = false;
    for (let k = 1; k < order.length; k++) {
      const above = order[k - 1] as { y: number };
      const below = order[k] as { y: number };
      const missing = gap - (below.y - above.y);
      if (missing <= 0.01) continue;
      above.y -= missing / 2;
      below.y += missing / 2;
      moved = true;
    }
    if (!moved) break;
  }
  const out = [...positions];
  for (const { y, i } of order) out[i] = y;
  return out;
}
