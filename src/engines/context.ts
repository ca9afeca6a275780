import type { Clock } from '../core/index.ts';
import type { EmitRunEvent } from '../model/index.ts';

/** What an engine may know and touch of the machine: everything ambient comes in through here. */
export interface EngineContext {
  /** The user's environment: PATH, proxies, pip settings, `BENCH_CACHE_DIR`, ... */
  env: Readonly<Record<string, string | undefined>>;
  /** As `process.platform`: `linux`, `darwin`. */
  platform: string;
  /** As `process.arch`: `x64`, `arm64`. */
  arch: string;
  /** Logical CPUs this process may use. */
  cpuCount: number;
  /** The user's home folder. */
  home: string;
  clock: Clock;
  emit: EmitRunEvent;
  /** Aborting it ends downloads, installs, waits and starts. */
  signal?: AbortSignal;
}

/** Throws the abort reason when the user has given up. */
export function throwIfAborted(ctx: EngineContext): void {
  ctx.signal?.throwIfAborted();
}
