import type { Engine } from '../engine.ts';
import { checkGpu } from '../gpu-check.ts';
import { installedByHand } from '../installed-by-hand.ts';
import { launchEngine } from '../launch.ts';
import { hubModels } from '../models/hub-models.ts';
import { buildCommand } from './command.ts';
import { engineId, locateSglang, rejectedSglang } from './locate.ts';
import { sglangLogPatterns } from './log-patterns.ts';
import { readActivity, readSettings } from './state.ts';
import { sglangTunables } from './tunables.ts';

/** SGLang's OpenAI server, found on PATH or by `--engine-path`. Not run by us. */
export const sglang: Engine = {
  id: engineId,
  aliases: ['sgl'],
  title: 'SGLang',
  // python/sglang/srt/entrypoints: openai/protocol.py and http_server.py at 0025436e (0.5).
  capabilities: {
    api: ['chat', 'completions'],
    ignoreEos: true,
    tokenize: true,
    metrics: true,
    modelFormats: ['hugging-face'],
  },
  // Compiling kernels and capturing CUDA graphs takes minutes.
  defaults: { slots: 256, contextTokens: 256 * 4096, startupTimeoutMs: 1_200_000 },
  models: hubModels('SGLang'),
  tunables: sglangTunables,
  addressFlags: ['--host', '--port'],
  logPatterns: sglangLogPatterns,
  locate: locateSglang,
  rejected: rejectedSglang,
  checks: async (ctx, installed) => {
    if (installed === null) return [];
    const hint =
      'Install the driver, until nvidia-smi works. A build for CPUs wants --engine-arg=--device --engine-arg=cpu.';
    return [await checkGpu(ctx, { program: 'SGLang', hint, amd: true })];
  },
  ...installedByHand({
    title: 'SGLang',
    from: 'PyPI',
    how: 'python3 -m pip install sglang, in an environment of its own and for the CUDA of the driver',
    program: 'sglang',
    locate: locateSglang,
    rejected: rejectedSglang,
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
        ownVariables: /^(SGLANG|SGL)_/,
        // It generates a token of its own; 404 where a release has not got it.
        healthPaths: ['/health_generate', '/health', '/v1/models'],
        logPatterns: sglangLogPatterns,
        bodyDefaults: {},
        settings: readSettings,
        activity: readActivity,
      },
      options,
    );
  },
};
