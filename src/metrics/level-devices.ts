import type { DeviceReading, LevelDevice, LevelRun, PowerSample } from '../model/index.ts';

/**
 * What each device said over a level's rate span, besides its power: means and extremes of the
 * looks in there. A field that no look tells is null.
 */
export function levelDevices(
  run: LevelRun,
  samples: readonly PowerSample[],
): Record<string, LevelDevice> {
  const inside = samples.filter(({ atUs }) => atUs >= run.windowStartUs && atUs <= run.endUs);
  const byName = new Map<string, DeviceReading[]>();
  for (const { readings } of inside) {
    for (const { name, device } of readings) {
      if (device === undefined) continue;
      const looks = byName.get(name);
      if (looks === undefined) byName.set(name, [device]);
      else looks.push(device);
    }
  }
  return Object.fromEntries([...byName].map(([name, looks]) => [name, summarize(looks)]));
}

type NumberKey = Exclude<keyof DeviceReading, 'clockLimits'>;

function summarize(looks: readonly DeviceReading[]): LevelDevice {
  const told = (key: NumberKey) =>
    looks.flatMap(({ [key]: value }) => (value === null ? [] : [value]));
  const mean = (values: number[]) =>
    values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  const most = (values: number[]) =>
    values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
  const least = (values: number[]) =>
    values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
  return {
    busyShare: mean(told('busyShare')),
    memoryUsedMaxBytes: most(told('memoryUsedBytes')),
    clockMeanMhz: mean(told('clockMhz')),
    clockMinMhz: least(told('clockMhz')),
    temperatureMaxC: most(told('temperatureC')),
    clockLimits: limitsOf(looks),
  };
}

function limitsOf(looks: readonly DeviceReading[]): Record<string, number> | null {
  const told = looks.flatMap(({ clockLimits }) => (clockLimits === null ? [] : [clockLimits]));
  if (told.length === 0) return null;
  const counts = new Map<string, number>();
  for (const name of told.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].map(([name, count]) => [name, count / told.length]));
}
