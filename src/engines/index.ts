import { BenchError, createRegistry, didYouMean } from '../core/index.ts';
import type { DoctorCheck } from './check.ts';
import type { EngineContext } from './context.ts';
import { diagnose } from './doctor.ts';
import type { Engine } from './engine.ts';
import { llamaCpp } from './llama-cpp/index.ts';
import { mlx } from './mlx/index.ts';
import { pytorch } from './pytorch/index.ts';
import { sglang } from './sglang/index.ts';
import { tgi } from './tgi/index.ts';
import { trtllm } from './trtllm/index.ts';
import { vllm } from './vllm/index.ts';

export { refuseAddressArgs } from './address-args.ts';
export * from './cache.ts';
export type { DoctorCheck } from './check.ts';
export * from './context.ts';
export { findDataFile } from './data-files/find-data-file.ts';
export * from './engine.ts';
export type { EngineEnvironment } from './engine-environment.ts';
export { createEntryContext } from './entry-context.ts';
export { isPortFree, pickFreePort } from './free-port.ts';
export type { GgufInfo } from './gguf.ts';
export { readGguf } from './gguf.ts';
export { tieToUs } from './isolation.ts';
export type { LogPattern } from './log-patterns.ts';
export { explainLog } from './log-patterns.ts';
export { readLogTail } from './log-tail.ts';
export * from './model-catalog.ts';
export type { ConvertOrder } from './models/convert.ts';
export { convertModel } from './models/convert.ts';
export { converterAt, requireConverter } from './models/converter.ts';
export { convertedModels } from './models/folder-models.ts';
export type { ProcessIdentity } from './process-identity.ts';
export { identifyOwnProcess, identifyProcess, isProcessAlive } from './process-identity.ts';
export { descendantsOf, findWithVariable, killAll, sendSignal } from './process-sweep.ts';
export type { ProcessExit, StopReceipt } from './process-tree.ts';
export { spawnTree } from './process-tree.ts';
export { describeProcesses, lookAtProcesses } from './process-watch.ts';
export { requirePython } from './python.ts';
export { pytorchLaunchScript } from './pytorch/launch-script.ts';
export { type ReadinessTimes, waitUntilReady } from './readiness.ts';
export { commandFailure, runCommand } from './run-command.ts';
export { sglangSettings } from './sglang/state.ts';
export type { SourceOffer } from './sources.ts';
export type { SupervisedEngine } from './supervised.ts';
export { listSupervised, newestLog } from './supervised.ts';
export type { SuperviseRequest } from './supervisor.ts';
export { readSupervisedLog, startSupervised, stopSupervised } from './supervisor.ts';
export type { EngineSurvey } from './survey.ts';
export { surveyEngine } from './survey.ts';
export { tgiSettings } from './tgi/state.ts';
export { chooseThreads } from './threads.ts';
export type { Tunable } from './tunables.ts';
export { vllmCacheSettings } from './vllm/state.ts';

/** Every engine that `--engine` knows. A new one is a folder here and a line in this list. */
export const engines = createRegistry<Engine>('engine', [
  llamaCpp,
  mlx,
  pytorch,
  vllm,
  sglang,
  trtllm,
  tgi,
]);

/** By id or alias, in any case. @throws BenchError `USAGE_UNKNOWN_ENGINE`. */
export function findEngine(name: string): Engine {
  const wanted = name.toLowerCase();
  if (wanted === 'openai') {
    throw new BenchError(
      'USAGE_UNKNOWN_ENGINE',
      '"openai" is no engine that can be started: it stands for any server that runs already.',
      {
        hint: `Give its URL: --engine openai --endpoint http://localhost:8000/v1. To be started: ${engines.ids().join(', ')}.`,
      },
    );
  }
  const known = engines.list().find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
  if (known !== undefined) return known;
  const ids = [...engines.ids(), 'openai'];
  throw new BenchError(
    'USAGE_UNKNOWN_ENGINE',
    `Unknown engine "${name}".${didYouMean(name, ids)}`,
    {
      hint: `Known: ${engines.ids().join(', ')}; and openai, with --endpoint URL, for a server that runs already.`,
    },
  );
}

/** What stands between this machine and a run, as a list; fetches and changes nothing. */
export function runDoctor(
  ctx: EngineContext,
  options: { endpoint?: string } = {},
): Promise<DoctorCheck[]> {
  return diagnose(ctx, engines.list(), options);
}
