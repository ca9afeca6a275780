import type { Finding, LevelSummary, PowerInfo } from '../../model/index.ts';

/** Shares of the looks from which on a limit is worth a word. */
const seldom = 0.02;
const thermal = ['hw_slowdown', 'hw_thermal_slowdown', 'sw_thermal_slowdown'];
const grave = [...thermal, 'hw_power_brake_slowdown'];

/** Doubts from the devices that serve: others on them, clocks held back. */
export function judgeDevices(
  info: PowerInfo | undefined,
  levels: readonly LevelSummary[],
): Finding[] {
  return [...sharedDevices(info), ...levels.flatMap(heldBack)];
}

function sharedDevices(info: PowerInfo | undefined): Finding[] {
  return (info?.devices ?? []).flatMap(({ name, model, processes }) => {
    if (processes.length < 2) return [];
    const names = processes.map((one) => `${one.name} (${one.pid})`).join(', ');
    return [
      {
        code: 'gpu-shared',
        severity: 'warning' as const,
        message: `${processes.length} programs were on ${name} (${model}) when the run began: ${names}. Power and memory are of all of them; what is not the engine's may have slowed it.`,
      },
    ];
  });
}

function heldBack({ index, power }: LevelSummary): Finding[] {
  return Object.entries(power?.devices ?? {}).flatMap(([name, device]) => {
    const limits = Object.entries(device.clockLimits ?? {}).filter(
      ([reason, share]) => share > seldom && (grave.includes(reason) || reason === 'sw_power_cap'),
    );
    if (limits.length === 0) return [];
    const hard = limits.some(([reason]) => grave.includes(reason));
    const how = limits
      .map(([reason, share]) => `${reason} ${Math.round(100 * share)} %`)
      .join(', ');
    const clock =
      device.clockMeanMhz === null
        ? ''
        : `, at ${Math.round(device.clockMeanMhz)} MHz in the mean and ${device.clockMinMhz} at least`;
    const seen = `${name} was held back (${how} of the looks)${clock}.`;
    const finding: Finding = hard
      ? {
          code: 'gpu-throttled',
          severity: 'warning',
          message: `${seen} A cooler or better supplied card would be faster; results of two days may differ.`,
          level: index,
        }
      : {
          code: 'gpu-power-capped',
          severity: 'info',
          message: `${seen} It ran at its power limit, as cards under full load do.`,
          level: index,
        };
    return [finding];
  });
}
