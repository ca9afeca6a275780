import { createRegistry } from '../core/index.ts';
import { bubblewrap } from './bubblewrap/bubblewrap.ts';
import { plainProcess } from './process.ts';
import type { Sandbox } from './sandbox.ts';

export { sweepStaleGroups } from './limits/cgroups.ts';
export { ownCpus, shareCpus } from './limits/cpus.ts';
export { type HeldLimits, holdLimits } from './limits/hold-limits.ts';
export { reachedLimits } from './limits/reached-limits.ts';
export type {
  LimitReport,
  Sandbox,
  Sandboxed,
  SandboxLimits,
  SandboxMount,
  SandboxOptions,
  SandboxReceipt,
} from './sandbox.ts';
export { closeWorkspaceDisk, openWorkspaceDisk, removeWorkspaceDisk } from './workspace-disk.ts';

/** Every sandbox that `--sandbox` knows, the strongest first. */
export const sandboxes = createRegistry<Sandbox>('sandbox', [bubblewrap, plainProcess]);
