import { availableParallelism, homedir } from 'node:os';
import { arch, env, hrtime, platform } from 'node:process';
import type { Clock } from '../core/index.ts';
import type { EmitRunEvent } from '../model/index.ts';
import type { EngineContext } from './context.ts';

/**
 * The real machine as an engine context, for what runs as a process of its own: the supervisor
 * (which has no CLI around it) and tests. Everything else is handed a context.
 */
export function createEntryContext(emit: EmitRunEvent): EngineContext {
  return {
    env,
    platform,
    arch,
    cpuCount: availableParallelism(),
    home: homedir(),
    clock: entryClock,
    emit,
  };
}

const nowUs = () => Number(hrtime.bigint()) / 1000;

const entryClock: Clock = {
  nowUs,
  // oxlint-disable-next-line no-restricted-properties -- the supervisor has no host around it.
  wallMs: () => Date.now(),
  sleepUntil: (atUs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, Math.ceil((atUs - nowUs()) / 1000)));
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
