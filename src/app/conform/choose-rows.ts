import { type Probe, probes } from '../../conform/index.ts';
import { BenchError, didYouMean } from '../../core/index.ts';
import type { ConformanceRow } from '../../model/index.ts';
import type { ConformSettings } from './conform-settings.ts';

/**
 * The families to ask, in the order of the table.
 *
 * @throws BenchError USAGE_UNKNOWN_CONFORMANCE_FAMILY, USAGE_UNKNOWN_ROW, USAGE_CONFLICT
 */
export function chooseRows({ only, require }: Pick<ConformSettings, 'only' | 'require'>): {
  probes: Probe[];
} {
  for (const id of only ?? []) probes.get(id);
  const all = probes.list();
  const chosen = only === null ? [...all] : all.filter(({ id }) => only.includes(id));
  const idsOf = (list: readonly Probe[]) => list.flatMap(({ rows }) => rows.map(({ id }) => id));
  const [known, asked] = [idsOf(all), idsOf(chosen)];
  for (const id of require) {
    if (!known.includes(id)) {
      throw new BenchError('USAGE_UNKNOWN_ROW', `Unknown row "${id}".${didYouMean(id, known)}`, {
        hint: `Known: ${known.join(', ')}.`,
      });
    }
    if (!asked.includes(id)) {
      throw new BenchError(
        'USAGE_CONFLICT',
        `--require ${id} is not among the families of --only.`,
        {
          hint: `Add ${id.split('.')[0]} to --only, or leave --only out.`,
        },
      );
    }
  }
  return { probes: chosen };
}

/** Required rows that are anything but `yes`: what is not known cannot be relied on. */
export function missingRequired(
  rows: readonly ConformanceRow[],
  required: readonly string[],
): ConformanceRow[] {
  return rows.filter(({ id, verdict }) => required.includes(id) && verdict !== 'yes');
}
