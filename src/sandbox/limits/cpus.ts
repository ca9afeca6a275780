import { readFileSync } from 'node:fs';

/** How CPUs are divided between a limited program and who asks it, as taskset lists them. */
export interface CpuShares {
  /** Null: as many as there are, so that nothing needs to be held. */
  program: string | null;
  /** Null: none is left, and both share. */
  client: string | null;
}

/**
 * The first so many of the CPUs for the program, all others for its client. The first ones are
 * different cores on most machines: second hardware threads are counted after them.
 *
 * @param own CPUs that may be used; null = not known
 */
export function shareCpus(own: readonly number[] | null, cpus: number): CpuShares {
  if (own === null || own.length <= cpus) return { program: null, client: null };
  return { program: listCpus(own.slice(0, cpus)), client: listCpus(own.slice(cpus)) };
}

/** CPUs that this process may run on; null where the machine does not tell. */
export function ownCpus(): readonly number[] | null {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const [, list] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? [];
    return list === undefined ? null : parseCpus(list);
  } catch {
    return null;
  }
}

export const countCpus = (list: string) => parseCpus(list).length;

/** `0-2,5` */
export function parseCpus(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

export function listCpus(cpus: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const cpu of cpus) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
