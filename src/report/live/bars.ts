const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const heights = '▁▂▃▄▅▆▇█';

/** A bar of `width` cells, filled to `share` (clamped to 0..1) with eighth-cell resolution. */
export function renderBar(share: number, width: number): string {
  const filled = Math.min(1, Math.max(0, share)) * width;
  const whole = Math.floor(filled);
  const part = whole < width ? (eighths[Math.floor((filled - whole) * 8)] as string) : '';
  return `${'█'.repeat(whole)}${part}${'░'.repeat(width - whole - part.length)}`;
}

/** The newest `width` values as block heights from 0 to their maximum; empty without values. */
export function renderSparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-Math.max(0, width));
  const top = Math.max(...shown, 0);
  return shown
    .map((value) => heights[top > 0 ? Math.round((Math.max(0, value) / top) * 7) : 0])
    .join('');
}
