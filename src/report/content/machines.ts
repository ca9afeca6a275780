import type { Envelope } from '../../model/index.ts';
import { formatBytes, formatNumber, formatShare, missing } from '../format.ts';
import { levelName } from '../identity.ts';
import { levelsByLoad } from './levels.ts';
import type { TableData } from './table.ts';

/** GPUs over each level: power, use, clock and what held it back. */
export function devicesTable(envelope: Envelope): TableData | null {
  const named = new Map((envelope.power?.devices ?? []).map((one) => [one.name, one.model]));
  const rows = levelsByLoad(envelope).flatMap((level) =>
    Object.entries(level.power?.devices ?? {}).map(([name, device]) => [
      levelName(level),
      `${name} ${named.get(name) ?? ''}`.trim(),
      formatNumber(level.power?.domainsW[name]),
      formatShare(device.busyShare),
      device.memoryUsedMaxBytes === null ? missing : formatBytes(device.memoryUsedMaxBytes),
      `${formatNumber(device.clockMeanMhz)} (${formatNumber(device.clockMinMhz)})`,
      formatNumber(device.temperatureMaxC),
      limitsText(device.clockLimits),
    ]),
  );
  if (rows.length === 0) return null;
  return {
    caption: 'Devices over each level, by the power probe',
    head: [
      ...['Load', 'Device', 'Mean, W', 'Busy', 'Memory, most', 'Clock, MHz (least)'],
      ...['Hottest, °C', 'Held back by'],
    ],
    rows,
  };
}

function limitsText(limits: Record<string, number> | null): string {
  if (limits === null) return missing;
  const parts = Object.entries(limits).map(([reason, share]) => `${reason} ${formatShare(share)}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** The machine that `bench` ran on; columns that it does not tell are left out. */
export function machineTable(envelope: Envelope): TableData | null {
  const levels = levelsByLoad(envelope).flatMap((level) =>
    level.machine === undefined ? [] : [{ name: levelName(level), machine: level.machine }],
  );
  const columns = [
    ['Busy', (i: number) => formatShare(levels[i]?.machine.busyShare)],
    ['Stolen', (i: number) => formatShare(levels[i]?.machine.stolenShare)],
    [
      'Memory left, least',
      (i: number) => {
        const bytes = levels[i]?.machine.memoryAvailableMinBytes ?? null;
        return bytes === null ? missing : formatBytes(bytes);
      },
    ],
    ['Clock, MHz', (i: number) => formatNumber(levels[i]?.machine.clockMeanMhz)],
    ['Least, MHz', (i: number) => formatNumber(levels[i]?.machine.clockMinMhz)],
    ['Throttled', (i: number) => formatNumber(levels[i]?.machine.throttleEvents)],
  ] as const;
  const used = columns.filter(([, cell]) => levels.some((_, i) => cell(i) !== missing));
  if (used.length === 0) return null;
  return {
    caption: 'This machine over each level: all processes, client and, where it runs here, server',
    head: ['Load', ...used.map(([head]) => head)],
    rows: levels.map(({ name }, i) => [name, ...used.map(([, cell]) => cell(i))]),
  };
}
