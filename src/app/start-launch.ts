import { BenchError } from '../core/index.ts';
import { createLoadRunner, type LoadRunner } from '../loadgen/index.ts';
import type { MeasureDeps } from './measure-deps.ts';
import { engineContext, type OpenedTarget, openTarget } from './open-target.ts';
import { type Preflight, runPreflight } from './preflight.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import { resolveWorkload } from './workload-asked.ts';

/** One start of the server: reached, looked at, and ready to take load. */
export interface StartedLaunch {
  opened: OpenedTarget;
  preflight: Preflight;
  openLoad(): Promise<LoadRunner>;
  closeLoad(): Promise<void>;
  /** Stops the load's threads and, where this run started it, the engine. */
  close(): Promise<void>;
}

/**
 * Opens the target and asks it its preflight questions. An engine that ends by itself from here on
 * is the run's error, and stops it.
 *
 * @throws BenchError PREREQ_*, ENGINE_*, TARGET_*, USAGE_*
 */
export async function startLaunch(state: RunState, deps: MeasureDeps): Promise<StartedLaunch> {
  const { host, emit, stop } = deps;
  const { settings } = state;
  const opened = await openTarget(
    settings,
    engineContext(host, emit, stop.signal),
    deps.outputDir,
    (defaults) => bodyDefaultsFor(settings, defaults),
  );
  // Before anything can fail: whoever ends the run closes this.
  state.opened = opened;
  let closing = false;
  void opened.running?.exited.then((end) => {
    if (closing || stop.signal.aborted || state.closing) return;
    state.error = new BenchError(
      'ENGINE_CRASHED',
      `The engine ended while it was measured: ${end.message}`,
      { hint: `Its log is ${deps.outputDir}/engine.log.` },
    );
    stop.abort(state.error);
  });
  emit({ kind: 'phase', name: 'preflight', message: `one small request to ${opened.client.url}` });
  const preflight = await runPreflight({
    target: opened.client,
    api: settings.api,
    prefersChat: state.workload.dataset.conversations === true,
    connectionReuse: settings.connectionReuse,
    transport: settings.transport,
    model: opened.running?.modelName ?? settings.model,
    clock: host.clock,
    signal: stop.signal,
    emit,
    budget: state.budget,
  });
  let load: LoadRunner | null = null;
  return {
    opened,
    preflight,
    async openLoad() {
      // Sockets, pacing and stamps in a thread of their own: nothing done in this one moves a stamp.
      load = await createLoadRunner({
        target: preflight.target,
        clock: host.clock,
        transport: settings.transport,
        ioThreads: settings.ioThreads,
      });
      return load;
    },
    async closeLoad() {
      await load?.close();
    },
    async close() {
      closing = true;
      await load?.close();
      await opened.close();
    },
  };
}

/** A workload of shared beginnings is about the prefix cache, which other runs switch off. */
function bodyDefaultsFor(
  settings: RunSettings,
  { cache_prompt, ...others }: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { prefix } = resolveWorkload(settings, false);
  return prefix !== null || cache_prompt === undefined ? others : { ...others, cache_prompt };
}
