import { pid as ownPid } from 'node:process';
import type { EngineContext } from './context.ts';
import { runCommand } from './run-command.ts';

/**
 * How a started engine is tied to this process, strongest first.
 * - pid-namespace: the kernel kills everything in it when its first process or bench dies, also
 *   after SIGKILL and also what has left the process group.
 * - death-signal: the kernel kills the engine's first process when bench dies.
 * - guard: a shell beside the engine kills the process group when the pipe to bench breaks.
 */
export type Isolation = 'pid-namespace' | 'death-signal' | 'guard';

export interface IsolationProbe {
  kind: Isolation;
  /** Command line that goes in front of the engine's. */
  prefix: readonly string[];
}

const deathSignal = ['setpriv', '--pdeathsig', 'KILL'];
const namespaces = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const asUser = ['--user', '--map-current-user'];

/** Tries what this machine allows: containers and hardened kernels forbid some of it. */
export async function probeIsolation(ctx: EngineContext): Promise<IsolationProbe> {
  const candidates = isolationCandidates(ctx);
  for (const candidate of candidates.slice(0, -1)) {
    const { code } = await runCommand(ctx, [...candidate.prefix, 'true'], { timeoutMs: 5_000 });
    if (code === 0) return candidate;
  }
  return candidates.at(-1) ?? guard;
}

/** Strongest first; the last works wherever there is a shell. */
export function isolationCandidates(ctx: EngineContext): IsolationProbe[] {
  if (ctx.platform !== 'linux') return [guard];
  const tied = tieToUs();
  return [
    { kind: 'pid-namespace', prefix: [...tied, ...namespaces, '--'] },
    { kind: 'pid-namespace', prefix: [...tied, ...namespaces, ...asUser, '--'] },
    { kind: 'death-signal', prefix: tied },
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

/**
 * The engine runs in the background, a reader waits for the end of standard input (nothing is
 * ever written to it) and then kills the group, whose leader this shell is.
 */
const guardScript = `
exec 3<&0
"$@" </dev/null 3<&- & engine=$!
( trap '' TERM INT; while read -r _; do :; done <&3; kill -KILL 0 ) & reader=$!
exec 3<&-
trap 'kill -TERM $engine 2>/dev/null' TERM INT
while :; do
  wait $engine; code=$?
  kill -0 $engine 2>/dev/null || break
done
trap '' TERM
kill -KILL $reader 2>/dev/null
exit $code
`;

const guard: IsolationProbe = { kind: 'guard', prefix: ['/bin/sh', '-c', guardScript, 'guard'] };
