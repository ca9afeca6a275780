import type { Comparison } from '../../model/index.ts';
import { levelsOfLoad, type StoredRun } from './stored-levels.ts';

/**
 * What makes a stored side no whole measurement at the load compared: a run that was interrupted, a
 * level that was cut short, a level that is not valid. In the shape of a difference between the sides.
 *
 * @param force it is compared all the same
 */
export function unfitSides(
  a: readonly StoredRun[],
  b: readonly StoredRun[],
  key: string,
  force: boolean,
): Comparison['mismatches'] {
  return checks.flatMap(({ field, fit, doubtOf }) => {
    const said = (runs: readonly StoredRun[]) =>
      [...new Set(runs.flatMap((run) => doubtOf(run, key)))].join(' | ');
    const [ofA, ofB] = [said(a), said(b)];
    if (ofA === '' && ofB === '') return [];
    return [{ field, a: ofA || fit, b: ofB || fit, allowed: force }];
  });
}

interface Check {
  field: string;
  /** In words, where there is no doubt. */
  fit: string;
  doubtOf(run: StoredRun, key: string): string[];
}

const checks: readonly Check[] = [
  {
    field: 'run',
    fit: 'complete',
    doubtOf: ({ envelope: { status, exitCode } }) =>
      status === 'complete' ? [] : [`${status} (exit ${exitCode})`],
  },
  {
    field: 'level',
    fit: 'whole',
    doubtOf: (run, key) =>
      levelsOfLoad(run, key).some((level) => level.valid && level.status !== 'complete')
        ? ['cut short']
        : [],
  },
  {
    field: 'validity',
    fit: 'valid',
    doubtOf: (run, key) =>
      levelsOfLoad(run, key)
        .filter((level) => !level.valid)
        .map(({ findings }) => {
          const codes = findings.filter((one) => one.severity === 'invalid').map((one) => one.code);
          return `invalid (${[...new Set(codes)].join(', ') || 'nothing succeeded'})`;
        }),
  },
];
