import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../core/index.ts';
import {
  identifyOwnProcess,
  identifyProcess,
  isProcessAlive,
  killAll,
} from '../../engines/index.ts';

/** What of a program's use the kernel can hold, by the names of its controllers. */
const controllers = ['memory', 'pids', 'cpu', 'cpuset'] as const;
export type Controller = (typeof controllers)[number];

/** The group under which this process may make groups of its own, for one controller. */
export interface ControllerParent {
  version: 1 | 2;
  folder: string;
}

/**
 * Where a controller can be had: version 1 has a tree for each, version 2 one for all.
 * @param root stands in front of /proc, for tests
 * @returns null: not mounted
 */
export async function findParent(
  controller: Controller,
  root = '',
): Promise<ControllerParent | null> {
  const mounts = await textOf(`${root}/proc/self/mountinfo`);
  const groups = (await textOf(`${root}/proc/self/cgroup`)).split('\n').map((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return { controllers: controllers.split(','), path };
  });
  for (const version of [1, 2] as const) {
    const mount = mounts
      .split('\n')
      .map(parseMount)
      .find((one) => {
        if (one === null) return false;
        return version === 1
          ? one.type === 'cgroup' && one.options.includes(controller)
          : one.type === 'cgroup2';
      });
    if (mount === undefined || mount === null) continue;
    const own = groups.find(({ controllers }) =>
      version === 1 ? controllers.includes(controller) : controllers.join('') === '',
    );
    // In a container the path may be that of the machine outside, of which the mount is a part.
    const path = own?.path ?? '/';
    const below = path.startsWith(mount.root) ? path.slice(mount.root.length) : '';
    const folder = join(mount.point, below);
    if (version === 1) return { version, folder };
    const has = (await textOf(join(folder, 'cgroup.controllers'))).split(/\s+/);
    if (has.includes(controller)) return { version, folder };
  }
  return null;
}

function parseMount(line: string) {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , root, point] = left.split(' ');
  const [type, , options = ''] = right.split(' ');
  if (root === undefined || point === undefined || type === undefined) return null;
  return { root: root === '/' ? '' : root, point, type, options: options.split(',') };
}

/** Files of a group and what to write in them, for the two versions. */
export type GroupSettings = Readonly<Record<1 | 2, Readonly<Record<string, string>>>>;

/** A group of our own for one controller. @returns null: it cannot be made or used */
export async function makeGroup(
  controller: Controller,
  name: string,
  settings: GroupSettings,
): Promise<{ version: 1 | 2; folder: string } | null> {
  const parent = await findParent(controller);
  if (parent === null) return null;
  const { version } = parent;
  const folder = join(parent.folder, name);
  try {
    if (version === 2) {
      await writeFile(join(parent.folder, 'cgroup.subtree_control'), `+${controller}`);
    }
    await mkdir(folder, { recursive: true });
    if (controller === 'cpuset' && version === 1) {
      // A new group has no memory nodes, and takes no process before it has.
      const nodes = await readFile(join(parent.folder, 'cpuset.mems'), 'utf8');
      await writeFile(join(folder, 'cpuset.mems'), nodes.trim());
    }
    for (const [file, value] of Object.entries(settings[version])) {
      await writeFile(join(folder, file), value);
    }
    return { version, folder };
  } catch {
    await rmdir(folder).catch(() => {});
    return null;
  }
}

/** The number after a word of a file such as `memory.events`; null = not there. */
export async function counterOf(file: string, word: string): Promise<number | null> {
  const found = new RegExp(`^${word} (\\d+)$`, 'm').exec(await textOf(file));
  return found?.[1] === undefined ? null : Number(found[1]);
}

/** A file that holds one number; null = not there. */
export async function numberOf(file: string): Promise<number | null> {
  const text = (await textOf(file)).trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}

export async function pidsOf(folder: string): Promise<number[]> {
  return (await textOf(join(folder, 'cgroup.procs'))).split('\n').filter(Boolean).map(Number);
}

const namePrefix = 'inferencebench';

/** The name of a group says whose it is, so that those of killed runs can be told. */
export function nameGroup(): string {
  const { pid, startTicks } = identifyOwnProcess();
  return `${namePrefix}-${pid}-${startTicks ?? 0}-${randomUUID().slice(0, 8)}`;
}

/** Takes away groups beside this one whose runs are gone. */
export async function removeStale(folder: string): Promise<void> {
  for (const stale of await staleGroups(dirname(folder))) await rmdir(stale).catch(() => {});
}

/** Groups of runs that are gone. */
async function staleGroups(parent: string): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.flatMap((name) => {
    const [, pid, startTicks] = new RegExp(`^${namePrefix}-(\\d+)-(\\d+)-`).exec(name) ?? [];
    const isStale =
      pid !== undefined && !isProcessAlive({ pid: Number(pid), startTicks: Number(startTicks) });
    return isStale ? [join(parent, name)] : [];
  });
}

/**
 * Ends what killed runs have left in their groups: programs that had moved out of reach of whatever
 * ends with a run.
 * @returns how many there were
 */
export async function sweepStaleGroups(clock: Clock): Promise<number> {
  const parents = await Promise.all(controllers.map((controller) => findParent(controller)));
  const folders = new Set(parents.flatMap((parent) => (parent === null ? [] : [parent.folder])));
  const groups = (await Promise.all([...folders].map(staleGroups))).flat();
  const pids = new Set((await Promise.all(groups.map(pidsOf))).flat());
  await killAll(clock, [...pids].map(identifyProcess));
  for (const group of groups) await rmdir(group).catch(() => {});
  return pids.size;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
