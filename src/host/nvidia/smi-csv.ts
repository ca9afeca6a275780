/**
 * One cell of nvidia-smi: null for what a card does not tell (`[N/A]`, `[Not Supported]`,
 * `[Unknown Error]`, `[Insufficient Permissions]`), never 0.
 */
export function smiText(cell: string | undefined): string | null {
  const text = cell?.trim() ?? '';
  return text === '' || /^\[.*\]$/.test(text) || /^N\/A$/i.test(text) ? null : text;
}

/** A number with or without its unit: `81.52 W`, `345 MHz`, `39`. */
export function smiNumber(cell: string | undefined): number | null {
  const match = /^([+-]?\d+(?:\.\d+)?)(?:\s*[A-Za-z%]+)?$/.exec(smiText(cell) ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** MiB to bytes. */
export function smiBytes(cell: string | undefined): number | null {
  const mib = smiNumber(cell);
  return mib === null ? null : mib * 2 ** 20;
}

/** `2026/11/28 01:46:21.864`, in the zone of this process, to milliseconds since the epoch. */
export function smiTimeMs(cell: string | undefined): number | null {
  const match = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3})$/.exec(cell?.trim() ?? '');
  if (match === null) return null;
  const [year, month, day, hour, minute, second, ms] = match.slice(1).map(Number) as [
    ...[number, number, number, number, number, number, number],
  ];
  return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
}

/**
 * Why a clock is not higher: bits of NVML's `nvmlClocksEventReasons` (nvml.h). The idle bit is left
 * out: it holds nothing back.
 */
const clockReasons: readonly (readonly [bit: number, name: string])[] = [
  [0x2, 'applications_clocks_setting'],
  [0x4, 'sw_power_cap'],
  [0x8, 'hw_slowdown'],
  [0x10, 'sync_boost'],
  [0x20, 'sw_thermal_slowdown'],
  [0x40, 'hw_thermal_slowdown'],
  [0x80, 'hw_power_brake_slowdown'],
  [0x100, 'display_clock_setting'],
];

/** `0x0000000000000004` to `['sw_power_cap']`; a bit without a name is told as it is. */
export function smiClockLimits(cell: string | undefined): string[] | null {
  const text = smiText(cell);
  if (text === null || !/^0x[0-9a-f]+$/i.test(text)) return null;
  let bits = BigInt(text) & ~1n;
  const names: string[] = [];
  for (const [bit, name] of clockReasons) {
    if ((bits & BigInt(bit)) === 0n) continue;
    names.push(name);
    bits &= ~BigInt(bit);
  }
  return bits === 0n ? names : [...names, `0x${bits.toString(16)}`];
}

/** Rows of `--format=csv,noheader` by the fields that were asked for. */
export function smiRow(line: string, fields: readonly string[]): Record<string, string> | null {
  const cells = line.split(', ');
  if (cells.length !== fields.length) return null;
  return Object.fromEntries(fields.map((field, i) => [field, cells[i] ?? '']));
}
