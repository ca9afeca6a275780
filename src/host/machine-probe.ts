import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineReading } from '../model/index.ts';
import { parseProcStat } from './cpu-usage.ts';

/** Cores whose clock is looked at: enough to see the machine slow down, few enough to cost nothing. */
const mostCores = 16;

export interface MachineProbe {
  read(): Promise<MachineReading>;
}

/**
 * Time, memory, clock and throttling of this machine, from /proc and /sys (Linux); null where there
 * is no such file, as in most virtual machines for clock and throttling.
 *
 * @param root in front of `/proc` and `/sys`; tests have a tree of their own
 */
export async function openMachineProbe(root = '/'): Promise<MachineProbe> {
  const cpuDir = join(root, 'sys/devices/system/cpu');
  const names = await readdir(cpuDir).catch(() => []);
  const cores = names.filter((name) => /^cpu\d+$/.test(name));
  const step = Math.max(1, Math.ceil(cores.length / mostCores));
  const some = cores.filter((_, i) => i % step === 0);
  const counts = (files: readonly string[]) =>
    Promise.all(files.map(readCount)).then((all) => all.filter((count) => count !== null));
  return {
    async read() {
      const [stat, memory, clocks, throttled] = await Promise.all([
        readText(join(root, 'proc/stat')),
        readText(join(root, 'proc/meminfo')),
        counts(some.map((core) => join(cpuDir, core, 'cpufreq/scaling_cur_freq'))),
        counts(cores.map((core) => join(cpuDir, core, 'thermal_throttle/core_throttle_count'))),
      ]);
      const available = /^MemAvailable:\s+(\d+) kB$/m.exec(memory ?? '')?.[1];
      const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
      return {
        times: parseProcStat(stat ?? ''),
        memoryAvailableBytes: available === undefined ? null : Number(available) * 1024,
        // kHz.
        clockMeanMhz: clocks.length === 0 ? null : sum(clocks) / clocks.length / 1000,
        clockMinMhz: clocks.length === 0 ? null : Math.min(...clocks) / 1000,
        throttleEvents: throttled.length === 0 ? null : sum(throttled),
      };
    },
  };
}

async function readCount(file: string): Promise<number | null> {
  const text = (await readText(file))?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

const readText = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
