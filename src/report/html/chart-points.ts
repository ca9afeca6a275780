import type { LevelSummary } from '../../model/index.ts';
import { formatNumber } from '../format.ts';
import { levelName } from '../identity.ts';
import type { ChartPoint, ChartSeries } from './charts/level-chart.tsx';

/** A metric of each level that has it, with its interval, in the order of the levels. */
export function metricPoints(
  levels: readonly LevelSummary[],
  key: string,
  xOf: (level: LevelSummary) => number | null,
): ChartPoint[] {
  return levels.flatMap((level): ChartPoint[] => {
    const x = xOf(level);
    const y = level.metrics.values[key];
    if (x === null || typeof y !== 'number' || y <= 0) return [];
    const doubtful = !level.valid || level.metrics.flags[key] === 'low-n';
    return [{ ...intervalOf(level, key), x, y, doubtful, name: levelName(level) }];
  });
}

function intervalOf(level: LevelSummary, key: string): { low: number | null; high: number | null } {
  const interval = level.metrics.intervals[key];
  return interval && interval.low !== null ? interval : { low: null, high: null };
}

/** The chart in words, for those who do not see it. */
export function seriesInWords(
  series: readonly ChartSeries[],
  what: string,
  xLabel: string,
  unit = 'ms',
): string {
  return series
    .filter((entry) => entry.points.length > 0)
    .map(({ name, points }) => {
      const values = points.map((point) => `${formatNumber(point.y)} ${unit} at ${point.name}`);
      return `${what} ${name} over ${xLabel}: ${values.join(', ')}.`;
    })
    .join(' ');
}

/** What the marks of such a chart mean, those that occur. */
export function marksCaption(series: readonly ChartSeries[], levels: number): string {
  const points = series.flatMap((entry) => entry.points);
  const drawn = series.filter(({ joined = true }) => joined);
  return [
    points.some((point) => point.low !== null)
      ? `${levels > 1 ? 'Shaded' : 'Bars'}: 95 % interval.`
      : '',
    points.some((point) => point.doubtful) ? 'Hollow: too few requests, or level not valid.' : '',
    drawn.some((entry) => entry.points.length < levels)
      ? 'Percentiles without enough requests are left out.'
      : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
