import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { type Clock, sleepMs } from '../../core/index.ts';
import type { LimitReport, SandboxLimits } from '../sandbox.ts';
import {
  type Controller,
  counterOf,
  type GroupSettings,
  makeGroup,
  nameGroup,
  numberOf,
  pidsOf,
  removeStale,
} from './cgroups.ts';
import { countCpus, ownCpus } from './cpus.ts';

/** What holds the limits of one program, as far as the kernel does. */
export interface Limiter {
  /** In front of the command line: whatever follows is under the limits. */
  readonly prefix: readonly string[];
  /** In front of the program itself, inside of its namespaces. */
  readonly innerPrefix: readonly string[];
  /** Who holds each limit that was asked for; `none` is left to a watch, where there is one. */
  readonly holders: ReadonlyMap<keyof SandboxLimits, LimitReport['by']>;
  /** What is in its groups now; empty also where there are none. */
  pids(): Promise<number[]>;
  /** What it ran into so far. */
  reached(): Promise<{ memory: boolean | null; processes: boolean | null }>;
  memoryPeakBytes(): Promise<number | null>;
  /** Takes the groups away. Call when all processes are gone. */
  remove(clock: Clock): Promise<void>;
}

const periodUs = 100_000;
/** Puts itself into each group that is named before `--`, then becomes what follows. */
const joinScript =
  'while [ "$1" != -- ]; do echo $$ >"$1" || exit 126; shift; done; shift; exec "$@"';

/**
 * Sets up limits for a program to be started: control groups where this process may make them,
 * else limits of single processes.
 * @param ownUsers the program gets a user namespace of its own, in which its processes are counted
 */
export async function createLimiter(limits: SandboxLimits, ownUsers: boolean): Promise<Limiter> {
  const name = nameGroup();
  const holders = new Map<keyof SandboxLimits, LimitReport['by']>();
  const groups = new Map<Controller, { version: 1 | 2; folder: string }>();
  const outer: string[] = [];
  const inner: string[] = [];

  const hold = async (
    limit: keyof SandboxLimits,
    controller: Controller,
    settings: GroupSettings,
  ): Promise<boolean> => {
    const made = await makeGroup(controller, name, settings);
    if (made === null) return false;
    groups.set(controller, made);
    holders.set(limit, `cgroup-v${made.version}`);
    return true;
  };

  const { memoryBytes, processes, cpus, cpuset } = limits;
  if (memoryBytes !== null) {
    const bytes = String(memoryBytes);
    const held = await hold('memoryBytes', 'memory', {
      1: { 'memory.limit_in_bytes': bytes },
      2: { 'memory.max': bytes },
    });
    if (!held) holders.set('memoryBytes', existsSync('/proc/self/status') ? 'watched' : 'none');
  }
  if (processes !== null) {
    const settings = { 'pids.max': String(processes) };
    if (!(await hold('processes', 'pids', { 1: settings, 2: settings }))) {
      // The limit of a user's processes: root has none, and outside a namespace of its own it
      // would count everything else of the user.
      const usable = ownUsers && getuid?.() !== 0;
      if (usable) inner.push('prlimit', `--nproc=${processes}`);
      holders.set('processes', usable ? 'rlimit' : 'none');
    }
  }
  if (cpuset !== null) {
    const settings = { 'cpuset.cpus': cpuset };
    if (!(await hold('cpuset', 'cpuset', { 1: settings, 2: settings }))) {
      outer.push('taskset', '--cpu-list', cpuset);
      holders.set('cpuset', 'affinity');
    }
  }
  if (cpus !== null) {
    const setHolder = cpuset !== null && countCpus(cpuset) <= cpus ? holders.get('cpuset') : null;
    const own = ownCpus();
    // A quota of all CPUs that it may run on holds nothing more, and may throttle what keeps to it.
    if (setHolder?.startsWith('cgroup')) holders.set('cpus', setHolder);
    else if (own !== null && own.length <= cpus) holders.set('cpus', 'machine');
    else {
      const quotaUs = String(Math.round(cpus * periodUs));
      const held = await hold('cpus', 'cpu', {
        1: { 'cpu.cfs_period_us': String(periodUs), 'cpu.cfs_quota_us': quotaUs },
        2: { 'cpu.max': `${quotaUs} ${periodUs}` },
      });
      if (!held) holders.set('cpus', setHolder ?? 'none');
    }
  }

  const folders = [...new Set([...groups.values()].map(({ folder }) => folder))];
  if (folders.length > 0) {
    const procs = folders.map((folder) => join(folder, 'cgroup.procs'));
    outer.unshift('/bin/sh', '-c', joinScript, 'limits', ...procs, '--');
  }
  const memory = groups.get('memory');
  const pids = groups.get('pids');
  return {
    prefix: outer,
    innerPrefix: inner,
    holders,
    pids: async () => {
      const all = await Promise.all(folders.map(pidsOf));
      return [...new Set(all.flat())];
    },
    async reached() {
      const over = async (group: { folder: string } | undefined, file: string, word: string) => {
        const times = group === undefined ? null : await counterOf(join(group.folder, file), word);
        return times === null ? null : times > 0;
      };
      const memoryFile = memory?.version === 1 ? 'memory.oom_control' : 'memory.events';
      return {
        memory: await over(memory, memoryFile, 'oom_kill'),
        processes: await over(pids, 'pids.events', 'max'),
      };
    },
    async memoryPeakBytes() {
      if (memory === undefined) return null;
      const file = memory.version === 1 ? 'memory.max_usage_in_bytes' : 'memory.peak';
      return numberOf(join(memory.folder, file));
    },
    async remove(clock) {
      for (const folder of folders) {
        // The kernel lets go of the last process a moment after it is gone.
        for (let attempt = 0; attempt < 50; attempt++) {
          const gone = await rmdir(folder).then(
            () => true,
            (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
          );
          if (gone) break;
          await sleepMs(clock, 20);
        }
        await removeStale(folder);
      }
    },
  };
}
