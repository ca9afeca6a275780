import { keysOf } from './definition.ts';
import { metricDefinitions } from './definitions/index.ts';

/** What there is to know about one key of a result, besides its value. */
export interface MetricInfo {
  title: string;
  unit: string;
  better: 'lower' | 'higher' | null;
}

/** The definition behind a metric key; null for a key that no definition gives. */
export function metricInfo(key: string): MetricInfo | null {
  for (const metric of metricDefinitions) {
    if (!keysOf(metric).includes(key)) continue;
    const { title, unit, better } = metric;
    if (key === metric.id) return { title, unit, better };
    const statistic = key.slice(metric.id.length + 1).replace(`_${unit.replaceAll('/', '_')}`, '');
    const isRatio = statistic === 'tail_ratio';
    const shown = statistic.replace('p99_9', 'p99.9').replaceAll('_', ' ');
    return { title: `${title} ${shown}`, unit: isRatio ? 'x' : unit, better };
  }
  return null;
}
