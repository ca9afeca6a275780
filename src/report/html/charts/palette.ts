/** Classes of the percentile series; colour, marker and line differ, so none depends on colour. */
export const percentileSeries = [
  { stat: 'p50', className: 's-p50', marker: 'circle' },
  { stat: 'p99', className: 's-p99', marker: 'triangle' },
] as const;

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond';

/** Levels that one chart shows at most; more lines cannot be told apart. */
export const mostLevels = 6;

/** Class of the colour of level `i` of `count`, lowest load first; light and dark have their own. */
export function levelClass(i: number, count: number): string {
  const last = mostLevels - 1;
  return `lv lv-${count <= 1 ? 0 : Math.min(last, Math.round((i / (count - 1)) * last))}`;
}

/** Dash patterns that tell neighbouring levels apart without colour; the headline level is solid. */
export function levelDash(i: number): string | undefined {
  return ['7 3', '3 3', '10 3 2 3'][i % 3];
}
