import type { Finding } from '../../model/index.ts';
import type { Engine } from '../engine.ts';
import { launchEngine } from '../launch.ts';
import { folderFindings } from '../models/folder-models.ts';
import { ownSharedMemory } from '../own-shared-memory.ts';
import { offersOf } from '../sources.ts';
import { checkVllm } from './checks.ts';
import { buildCommand, environmentOf, isCpuBuild } from './command.ts';
import { compilerObstacle } from './compiler.ts';
import { installVllm, vllmSources } from './install.ts';
import { engineId, locateVllm, rejectedVllm } from './locate.ts';
import { vllmLogPatterns } from './log-patterns.ts';
import { vllmModels } from './models.ts';
import { readActivity, readSettings } from './state.ts';
import { vllmTunables } from './tunables.ts';

/** vLLM's OpenAI server (`vllm serve`): found, or its build for CPUs installed from PyPI. */
export const vllm: Engine = {
  id: engineId,
  aliases: [],
  title: 'vLLM',
  capabilities: {
    api: ['chat', 'completions'],
    ignoreEos: true,
    tokenize: true,
    metrics: true,
    modelFormats: ['hugging-face'],
  },
  // Compiling kernels and capturing CUDA graphs takes minutes.
  defaults: { slots: 256, contextTokens: 256 * 4096, startupTimeoutMs: 1_200_000 },
  models: vllmModels,
  tunables: vllmTunables,
  addressFlags: ['--host', '--port', '--uds'],
  logPatterns: vllmLogPatterns,
  locate: locateVllm,
  rejected: rejectedVllm,
  checks: checkVllm,
  sources: async (ctx) => offersOf(await vllmSources(ctx)),
  install: (ctx) => installVllm(ctx),
  async start(ctx, installed, options) {
    const isEager = options.extraArgs.includes('--enforce-eager');
    const obstacle =
      isCpuBuild(installed) && !isEager ? await compilerObstacle(ctx, installed) : null;
    const command = await buildCommand(installed, options, { eager: obstacle !== null });
    const memory = await ownSharedMemory(ctx);
    const env = environmentOf(ctx, installed, options, { ownsSharedMemory: memory !== null });
    return launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads: options.threads,
        command,
        wrapper: memory ?? [],
        env,
        ownVariables: /^VLLM_/,
        healthPaths: ['/health', '/v1/models'],
        logPatterns: vllmLogPatterns,
        bodyDefaults: {},
        findings: [
          ...(await folderFindings(options.modelPath, 'vLLM')),
          ...(obstacle === null ? [] : [withoutKernels(obstacle)]),
        ],
        settings: readSettings,
        activity: readActivity,
      },
      options,
    );
  },
};

const withoutKernels = (obstacle: string): Finding => ({
  code: 'kernels-not-compiled',
  severity: 'warning',
  message: `vLLM was started with --enforce-eager, which is not its default: it cannot compile kernels here, since ${obstacle}. With a C++ compiler and the headers of its Python it can (on Debian: g++ python3-dev).`,
});
