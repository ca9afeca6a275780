import { readFile } from 'node:fs/promises';
import type { EngineSample } from '../../model/index.ts';
import { type ExpositionSample, parseExposition } from '../prometheus/parse-exposition.ts';
import { metricFamilies } from './families/index.ts';
import type { MetricFamily } from './family.ts';
import { readReading } from './read-page.ts';
import type { SeriesLine } from './series-log.ts';

/**
 * The samples of a run, out of the series that it stored. What a killed run tore off at the end is
 * left out; a missing file is no samples.
 *
 * @param path engine-metrics.jsonl
 */
export async function readEngineSamples(path: string): Promise<EngineSample[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return samplesOf(text.split('\n').flatMap(parseLine));
}

function parseLine(line: string): SeriesLine[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line) as SeriesLine];
  } catch {
    return [];
  }
}

export function samplesOf(lines: Iterable<SeriesLine>): EngineSample[] {
  const samples: EngineSample[] = [];
  let family: MetricFamily | undefined;
  let series: string[] = [];
  let values = new Map<number, number>();
  for (const line of lines) {
    if (line.kind === 'header') {
      family = metricFamilies.find(({ id }) => id === line.family);
      series = [];
      values = new Map();
    } else if (line.kind === 'series') {
      line.series.forEach(([, name], i) => {
        series[line.from + i] = name;
      });
    } else if (line.kind === 'failure') {
      const { atUs, tookMs, reason } = line;
      samples.push({ atUs, tookMs, reading: null, reason });
    } else if (family !== undefined) {
      for (const number of line.gone) values.delete(number);
      for (const [number, value] of line.set) values.set(number, Number(value));
      const reading = readReading(family, pageOf(series, values));
      samples.push({ atUs: line.atUs, tookMs: line.tookMs, reading, reason: null });
    }
  }
  return samples;
}

function pageOf(series: readonly string[], values: ReadonlyMap<number, number>) {
  const out: ExpositionSample[] = [];
  for (const [number, value] of values) {
    const [sample] = parseExposition(`${series[number]} 0`).samples;
    if (sample !== undefined) out.push({ ...sample, value });
  }
  return out;
}
