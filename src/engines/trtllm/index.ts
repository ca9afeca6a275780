import type { Engine } from '../engine.ts';
import { checkGpu } from '../gpu-check.ts';
import { installedByHand } from '../installed-by-hand.ts';
import { launchEngine } from '../launch.ts';
import { hubModels } from '../models/hub-models.ts';
import { buildCommand } from './command.ts';
import { engineId, locateTrtllm, rejectedTrtllm } from './locate.ts';
import { trtllmLogPatterns } from './log-patterns.ts';
import { readActivity, readSettings } from './state.ts';
import { trtllmTunables } from './tunables.ts';

/** TensorRT-LLM's OpenAI server (`trtllm-serve`), found on PATH or by `--engine-path`. Not run by us. */
export const trtllm: Engine = {
  id: engineId,
  aliases: ['tensorrt-llm', 'trt-llm'],
  title: 'TensorRT-LLM',
  // tensorrt_llm/serve/openai_protocol.py at 0076e939 and openai_server.py at 00057725 (2026).
  capabilities: {
    api: ['chat', 'completions'],
    ignoreEos: true,
    tokenize: false,
    metrics: true,
    modelFormats: ['hugging-face'],
  },
  // Weights, autotuning and CUDA graphs take minutes.
  defaults: { slots: 256, contextTokens: 256 * 4096, startupTimeoutMs: 1_800_000 },
  models: hubModels('TensorRT-LLM'),
  tunables: trtllmTunables,
  addressFlags: ['--host', '--port'],
  logPatterns: trtllmLogPatterns,
  locate: locateTrtllm,
  rejected: rejectedTrtllm,
  checks: async (ctx, installed) => {
    if (installed === null) return [];
    const hint =
      'Install the NVIDIA driver, until nvidia-smi works; there is no build without a GPU.';
    return [await checkGpu(ctx, { program: 'TensorRT-LLM', hint, amd: false })];
  },
  ...installedByHand({
    title: 'TensorRT-LLM',
    from: "NVIDIA's container image tensorrt-llm/release, or PyPI",
    how: 'start bench in the container image tensorrt-llm/release of NVIDIA, or python3 -m pip install tensorrt_llm, in an environment of its own, where OpenMPI is (libopenmpi-dev)',
    program: 'trtllm-serve',
    locate: locateTrtllm,
    rejected: rejectedTrtllm,
  }),
  async start(ctx, installed, options) {
    return launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads: options.threads,
        command: await buildCommand(installed, options),
        env: {
          PYTHONUNBUFFERED: '1',
          ...(options.threads !== null && { OMP_NUM_THREADS: String(options.threads) }),
        },
        ownVariables: /^(TRTLLM|TLLM|TRT_LLM)_/,
        healthPaths: ['/health', '/v1/models'],
        logPatterns: trtllmLogPatterns,
        bodyDefaults: {},
        settings: readSettings,
        activity: readActivity,
      },
      options,
    );
  },
};
