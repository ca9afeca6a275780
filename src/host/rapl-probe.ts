import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/index.ts';
import type { PowerProbe, PowerReading } from '../model/index.ts';

/** Where Linux shows its energy counters. */
export const powercapDir = '/sys/class/powercap';

interface Domain {
  name: string;
  file: string;
  /** Where the counter starts again from 0, microjoules. */
  rangeUj: number;
  lastUj: number;
  energyJ: number;
}

/**
 * RAPL, the energy counters of Intel and AMD processors (Linux, Documentation/power/powercap):
 * whole packages, and memory where it is counted apart from them. Cores and uncore are parts of a
 * package and are not added again.
 *
 * @param dir a tree like `/sys/class/powercap`
 * @param originUs the run's, on the clock
 * @returns the probe, or in words why there is none
 */
export async function openRaplProbe(
  dir: string,
  clock: Clock,
  originUs: number,
): Promise<PowerProbe | string> {
  const names = await readdir(dir).catch(() => []);
  const zones = names.filter((name) => /^(intel|amd)-rapl:\d+(:\d+)?$/.test(name)).sort();
  const domains: Domain[] = [];
  const unreadable: string[] = [];
  const seen = new Set<string>();
  for (const zone of zones) {
    const label = await readText(join(dir, zone, 'name'));
    if (label === null || !/^(package|dram)/.test(label)) continue;
    // Two sockets may both call theirs "dram".
    const name = seen.has(label) ? `${label} (${zone})` : label;
    seen.add(label);
    const file = join(dir, zone, 'energy_uj');
    const lastUj = await readCount(file);
    const rangeUj = await readCount(join(dir, zone, 'max_energy_range_uj'));
    if (lastUj === null || rangeUj === null) unreadable.push(file);
    else domains.push({ name, file, rangeUj, lastUj, energyJ: 0 });
  }
  if (unreadable.length > 0) {
    return `${unreadable[0]} cannot be read (most systems let only root read it)`;
  }
  if (domains.length === 0) return `there is no RAPL energy counter in ${dir}`;
  return {
    id: 'rapl',
    covers: `processors of the whole machine (RAPL: ${domains.map(({ name }) => name).join(', ')}), whatever runs on them; no power supply, disks or fans`,
    method: 'difference of the energy counters',
    async read() {
      const beforeUs = clock.nowUs();
      const readings = await Promise.all(domains.map(readDomain));
      return [{ atUs: Math.round((beforeUs + clock.nowUs()) / 2 - originUs), readings }];
    },
    lost: () => null,
    close: async () => {},
  };
}

async function readDomain(domain: Domain): Promise<PowerReading> {
  const nowUj = await readCount(domain.file);
  if (nowUj === null) return { name: domain.name, watts: null, energyJ: null };
  const grown = nowUj - domain.lastUj;
  domain.energyJ += (grown < 0 ? grown + domain.rangeUj : grown) / 1e6;
  domain.lastUj = nowUj;
  return { name: domain.name, watts: null, energyJ: domain.energyJ };
}

async function readCount(file: string): Promise<number | null> {
  const text = await readText(file);
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

const readText = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
