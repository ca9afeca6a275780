import { repeatEvery } from '../../core/index.ts';
import { describeProcesses, type EngineContext } from '../../engines/index.ts';
import { flagsSeen } from '../judge/engine-seen.ts';

const lookEveryMs = 1_000;

/**
 * Sees the known engines that an agent starts by itself. One that lives shorter than a second may be
 * missed; the workers of a server are no starts of their own.
 * @param members processes of the agent now
 */
export function watchStarts(
  { clock }: EngineContext,
  members: () => readonly number[],
  onStart: (flags: string[]) => void,
): { stop(): Promise<void> } {
  const seen = new Map<number, string>();
  return repeatEvery(clock, lookEveryMs, async () => {
    const processes = describeProcesses(members());
    const servers = processes.flatMap((one) => {
      const flags = flagsSeen(one.command);
      return flags === null ? [] : [{ ...one, flags }];
    });
    const pids = new Set(servers.map(({ pid }) => pid));
    for (const { pid, parentPid, command, flags } of servers) {
      const isKnown = seen.get(pid) === command;
      seen.set(pid, command);
      if (!isKnown && !pids.has(parentPid)) onStart(flags);
    }
  });
}
