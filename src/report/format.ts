import type { Interval, MetricValues } from '../model/index.ts';

export type MetricValue = MetricValues[string] | undefined;

/** What stands in a table where nothing was measured. */
export const missing = '—';

/** Three significant digits or whole numbers: 4.21, 42.1, 421, 4210; `—` for missing, `∞` for inf. */
export function formatNumber(value: MetricValue): string {
  if (value === null || value === undefined) return missing;
  if (value === 'inf' || value === Number.POSITIVE_INFINITY) return '∞';
  if (!Number.isFinite(value)) return missing;
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 99.95) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.01) return value.toFixed(2);
  return String(Number(value.toPrecision(2)));
}

/** 0.0123 -> `1.23 %` */
export function formatShare(value: MetricValue): string {
  if (typeof value !== 'number') return formatNumber(value);
  const percent = value * 100;
  // Just under 100 % must not read as 100 %.
  const shown = percent < 100 ? Math.min(percent, 99.9) : percent;
  return `${formatNumber(Number(shown.toPrecision(3)))} %`;
}

/** ` [138, 147]`, or an empty string where there is no interval. */
export function formatInterval(interval: Interval | undefined): string {
  if (!interval || interval.low === null) return '';
  return ` [${formatNumber(interval.low)}, ${formatNumber(interval.high)}]`;
}

/** 34_100_000 -> `34.1 MB` (decimal units, as registries print them). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value.toFixed(0) : value.toFixed(value >= 99.95 ? 0 : 1)} ${units[unit]}`;
}

/** 75 -> `1 min 15 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}

/** One line without terminal control characters: what a server or a file name says is not trusted. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: stripping them is the point.
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '');
}
