import { BenchError } from '../../core/index.ts';
import type { Engine } from '../engine.ts';
import { launchEngine } from '../launch.ts';
import { hubModels } from '../models/hub-models.ts';
import { checkVllm } from './checks.ts';
import { buildCommand, environmentOf } from './command.ts';
import { engineId, locateVllm } from './locate.ts';
import { vllmLogPatterns } from './log-patterns.ts';
import { readActivity, readSettings } from './state.ts';
import { vllmTunables } from './tunables.ts';

const byHand =
  'bench does not install it: python3 -m pip install vllm, in an environment of its own';

/** vLLM's OpenAI server (`vllm serve`), found on PATH or by `--engine-path`. */
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
  models: hubModels('vLLM'),
  tunables: vllmTunables,
  logPatterns: vllmLogPatterns,
  locate: locateVllm,
  checks: checkVllm,
  sources: () =>
    Promise.resolve([{ what: 'vLLM', from: 'PyPI', bytes: null, unavailable: byHand }]),
  async install(ctx) {
    const found = await locateVllm(ctx);
    if (found) return found;
    throw new BenchError('PREREQ_ENGINE', `vLLM is not on PATH, and ${byHand}.`, {
      hint: 'Then put it on PATH, or give --engine-path /path/to/environment.',
    });
  },
  async start(ctx, installed, options) {
    const command = await buildCommand(installed, options);
    return launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads: options.threads,
        command,
        env: environmentOf(ctx, installed, options),
        healthPaths: ['/health', '/v1/models'],
        logPatterns: vllmLogPatterns,
        bodyDefaults: {},
        settings: readSettings,
        activity: readActivity,
      },
      options,
    );
  },
};
