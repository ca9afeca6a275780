import type { LevelMachine, LevelRun, MachineReading, MachineSample } from '../model/index.ts';

/**
 * The client's machine from the start of a level's counted window to its last end: what grew between
 * the first and the last look in there, and means and least of the rest.
 */
export function levelMachine(
  run: LevelRun,
  samples: readonly MachineSample[],
): LevelMachine | null {
  const looks = samples.flatMap(({ atUs, reading }) =>
    atUs >= run.windowStartUs && atUs <= run.endUs ? [reading] : [],
  );
  const first = looks[0];
  const last = looks.at(-1);
  if (first === undefined || last === undefined) return null;
  const clocks = told(looks, 'clockMeanMhz');
  return {
    busyShare: shareOf('busy', first, last),
    stolenShare: shareOf('stolen', first, last),
    memoryAvailableMinBytes: least(told(looks, 'memoryAvailableBytes')),
    clockMeanMhz: clocks.length === 0 ? null : clocks.reduce((a, b) => a + b, 0) / clocks.length,
    clockMinMhz: least(told(looks, 'clockMinMhz')),
    throttleEvents:
      looks.length < 2 || first.throttleEvents === null || last.throttleEvents === null
        ? null
        : last.throttleEvents - first.throttleEvents,
  };
}

function shareOf(part: 'busy' | 'stolen', { times: a }: MachineReading, last: MachineReading) {
  const b = last.times;
  if (a === null || b === null || b.total <= a.total) return null;
  // Counters of a virtual machine may run back by a tick.
  return Math.min(1, Math.max(0, (b[part] - a[part]) / (b.total - a.total)));
}

function told(looks: readonly MachineReading[], key: Exclude<keyof MachineReading, 'times'>) {
  return looks.flatMap(({ [key]: value }) => (value === null ? [] : [value]));
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
}
