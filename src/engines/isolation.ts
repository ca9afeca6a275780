import { pid as ownPid } from 'node:process';
import type { EngineContext } from './context.ts';
import { guardPrefix } from './guard.ts';
import { runCommand } from './run-command.ts';

/**
 * How a started engine is tied to this process, strongest first.
 * - pid-namespace: the kernel kills everything in it when its first process or bench dies, also
 *   after SIGKILL and also what has left the process group.
 * - death-signal: the kernel kills the engine's first process when bench dies, and a guard kills
 *   the rest.
 * - guard: a shell beside the engine, which kills its process group when the pipe to bench breaks,
 *   and where there is a /proc also what has left the group.
 */
export type Isolation = 'pid-namespace' | 'death-signal' | 'guard';

export interface IsolationProbe {
  kind: Isolation;
  /** Command line that goes in front of the engine's. */
  prefix: readonly string[];
  /** The part of it that this machine may refuse; tried alone. Null: it works anywhere. */
  tried: readonly string[] | null;
}

const deathSignal = ['setpriv', '--pdeathsig', 'KILL'];
const namespaces = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const asUser = ['--user', '--map-current-user'];

/** Tries what this machine allows: containers and hardened kernels forbid some of it. */
export async function probeIsolation(ctx: EngineContext): Promise<IsolationProbe> {
  for (const candidate of isolationCandidates(ctx)) {
    if (candidate.tried === null) return candidate;
    const { code } = await runCommand(ctx, [...candidate.tried, 'true'], { timeoutMs: 5_000 });
    if (code === 0) return candidate;
  }
  return guard;
}

/** Strongest first; the last works wherever there is a shell. */
export function isolationCandidates(ctx: EngineContext): IsolationProbe[] {
  if (ctx.platform !== 'linux') return [guard];
  const tied = tieToUs();
  const namespace = (...options: string[]): IsolationProbe => {
    const prefix = [...tied, ...namespaces, ...options, '--'];
    return { kind: 'pid-namespace', prefix, tried: prefix };
  };
  return [
    namespace(),
    namespace(...asUser),
    { kind: 'death-signal', prefix: [...tied, ...guard.prefix, ...deathSignal], tried: tied },
    guard,
  ];
}

/** Linux: in front of a command line whose program the kernel is to kill when this process dies. */
export function tieToUs(): string[] {
  return [...deathSignal, ...orphanCheck()];
}

/**
 * The death signal is armed a moment after the fork. Should bench have died in between, the
 * engine's parent is no longer bench, and nothing may start.
 */
function orphanCheck(): string[] {
  return ['/bin/sh', '-c', `[ "$PPID" = ${ownPid} ] || exit 1; exec "$@"`, 'orphan-check'];
}

const guard: IsolationProbe = {
  kind: 'guard',
  prefix: guardPrefix,
  tried: null,
};
