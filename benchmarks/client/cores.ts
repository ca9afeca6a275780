import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cores {
  client: number;
  mock: number;
  /** Of what watches from outside; the mock's where there are only two. */
  watcher: number;
}

/**
 * One core for the client and one for the server that are not two halves of the same physical core,
 * and not the first one, which serves interrupts, where there are four or more.
 * @throws where this process may use fewer than two
 */
export function chooseCores(client: string | undefined, mock: string | undefined): Cores {
  const allowed = readAllowed();
  if (allowed.length < 2) {
    throw new Error('Two cores are needed: one for the client, one for the server.');
  }
  const own = Number(client ?? (allowed.length >= 4 ? allowed[2] : allowed[0]));
  const halves = siblingsOf(own);
  const others = allowed.filter((core) => core !== own);
  const apart = others.filter((core) => !halves.includes(core));
  const pick = (from: readonly number[]) => from.find((core) => core > own) ?? from[0];
  const server = Number(mock ?? pick(apart) ?? pick(others));
  const watcher = apart.find((core) => core !== server && !siblingsOf(server).includes(core));
  return { client: own, mock: server, watcher: watcher ?? server };
}

/** Cores that the kernel lets this process run on, ascending. */
function readAllowed(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  return parseList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0');
}

function siblingsOf(core: number): number[] {
  try {
    const path = `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;
    return parseList(readFileSync(path, 'utf8').trim());
  } catch {
    return [core];
  }
}

/** `0-3,8` */
function parseList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** Root in a container often may not: then everything runs at the priority that it has. */
export function canRaise(): boolean {
  return spawnSync('chrt', ['-f', '20', 'true']).status === 0;
}
