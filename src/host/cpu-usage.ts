import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Shares over the time watched; null where too little passed or nothing can be read. */
export interface CpuFigures {
  /** CPU time of this process, all threads, over wall time: 1 is one core. */
  cpuShare: number | null;
  /** Busy share of the whole machine, all cores, every process: 0 to 1. */
  machineBusyShare: number | null;
  /** Share that a hypervisor took from this machine: 0 to 1. */
  machineStolenShare: number | null;
}

export interface CpuWatch {
  /** From the start to now; may be called any number of times. */
  read(): CpuFigures;
}

/** Counts CPU time from now on. Nothing runs in between, so there is nothing to stop. */
export function watchCpu(): CpuWatch {
  const startMs = performance.now();
  const start = process.cpuUsage();
  const machineStart = readMachineTimes();
  return {
    read() {
      const wallMs = performance.now() - startMs;
      const used = process.cpuUsage(start);
      const machine = readMachineTimes();
      const share = (part: 'busy' | 'stolen') => {
        if (!machine || !machineStart || machine.total <= machineStart.total) return null;
        const grown = (machine[part] - machineStart[part]) / (machine.total - machineStart.total);
        return Math.min(1, Math.max(0, grown));
      };
      return {
        cpuShare: wallMs > 0 ? (used.user + used.system) / 1000 / wallMs : null,
        machineBusyShare: share('busy'),
        machineStolenShare: share('stolen'),
      };
    },
  };
}

/** Accumulated times of all cores, in any one unit. */
export interface MachineTimes {
  busy: number;
  stolen: number;
  total: number;
}

function readMachineTimes(): MachineTimes | null {
  try {
    return parseProcStat(readFileSync('/proc/stat', 'utf8'));
  } catch {
    // No /proc (macOS): Node's counters, which know of no stolen time.
    const times = cpus().map((cpu) => cpu.times);
    const sum = (of: (t: (typeof times)[number]) => number) => times.reduce((a, t) => a + of(t), 0);
    const busy = sum((t) => t.user + t.nice + t.sys + t.irq);
    const total = busy + sum((t) => t.idle);
    return total > 0 ? { busy, stolen: 0, total } : null;
  }
}

/**
 * The first line of /proc/stat (proc_stat(5)): user nice system idle iowait irq softirq steal
 * guest guest_nice, in clock ticks; guest times are already part of user and nice.
 * Waiting for a disk counts as idle, stolen time as busy.
 * Null for counters that are all zero, as some sandboxes show.
 */
export function parseProcStat(text: string): MachineTimes | null {
  const fields = /^cpu\s+(.+)$/m.exec(text)?.[1]?.trim().split(/\s+/).map(Number);
  if (!fields || fields.length < 4 || fields.some(Number.isNaN)) return null;
  const total = fields.slice(0, 8).reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { busy: total - idle, stolen: fields[7] ?? 0, total };
}
