/** Classes of the percentile series; colour, marker and dash differ, so none depends on colour. */
export const percentileSeries = [
  { stat: 'p50', className: 's-p50', marker: 'circle' },
  { stat: 'p90', className: 's-p90', marker: 'square' },
  { stat: 'p99', className: 's-p99', marker: 'triangle' },
] as const;

export type Marker = (typeof percentileSeries)[number]['marker'];

// Blue over violet to orange: ordered, told apart with any colour vision, legible on white and black.
const anchors = [
  [58, 110, 201],
  [124, 92, 196],
  [196, 76, 138],
  [226, 120, 54],
] as const;

/** The colour of level `i` of `count`, lowest load first. */
export function levelColor(i: number, count: number): string {
  const at = count <= 1 ? 0 : (i / (count - 1)) * (anchors.length - 1);
  const from = anchors[Math.floor(at)] ?? anchors[0];
  const to = anchors[Math.ceil(at)] ?? from;
  const share = at - Math.floor(at);
  const channels = from.map((value, c) => Math.round(value + ((to[c] as number) - value) * share));
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Dash patterns that tell neighbouring levels apart without colour; the headline level is solid. */
export function levelDash(i: number): string | undefined {
  return ['7 3', '3 3', '10 3 2 3'][i % 3];
}
