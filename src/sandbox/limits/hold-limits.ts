import type { Clock } from '../../core/index.ts';
import type { LimitReport, SandboxLimits } from '../sandbox.ts';
import { startWatch } from '../watch.ts';
import { createLimiter } from './limiter.ts';
import { reportLimits } from './report-limits.ts';

/** The limits of a sandbox around a program that needs none, such as a reference. */
export interface HeldLimits {
  /** In front of the program's command line. */
  readonly wrapper: readonly string[];
  /**
   * Watches what the kernel does not hold, from when the program is up.
   * @param members its processes now
   * @param onOver called once, when it is over a watched limit: end it
   */
  watch(members: () => number[], onOver: () => void): Promise<void>;
  /** Call when it has ended. */
  close(): Promise<LimitReport[]>;
}

type OuterLimits = Pick<SandboxLimits, 'memoryBytes' | 'cpus' | 'cpuset'>;

/** Sets up limits for a program that is started by other means than a sandbox. */
export async function holdLimits(clock: Clock, asked: OuterLimits): Promise<HeldLimits> {
  const limits: SandboxLimits = { ...asked, processes: null, diskBytes: null };
  const limiter = await createLimiter(limits, false);
  const watchWith = (members: () => number[], onOver: () => void) =>
    startWatch(clock, {
      limits,
      watchMemory: limiter.holders.get('memoryBytes') === 'watched',
      workspace: '',
      scratch: [],
      members,
      onOver,
    });
  let watching: ReturnType<typeof startWatch> | null = null;
  return {
    wrapper: limiter.prefix,
    async watch(members, onOver) {
      watching ??= watchWith(members, onOver);
      await watching;
    },
    async close() {
      const watch = await (watching ??
        watchWith(
          () => [],
          () => {},
        ));
      await watch.stop();
      const reports = await reportLimits(limits, limiter, watch);
      await limiter.remove(clock);
      return reports;
    },
  };
}
