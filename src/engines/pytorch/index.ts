import { stat } from 'node:fs/promises';
import type { Finding } from '../../model/index.ts';
import type { Engine } from '../engine.ts';
import { readGguf } from '../gguf.ts';
import { launchEngine } from '../launch.ts';
import { offersOf } from '../sources.ts';
import { chooseThreads } from '../threads.ts';
import { checkPyTorch } from './checks.ts';
import { buildCommand, environmentOf } from './command.ts';
import { installPyTorch, pytorchSources } from './install.ts';
import { engineId, locatePyTorch } from './locate.ts';
import { pytorchLogPatterns } from './log-patterns.ts';
import { pytorchModels } from './models.ts';
import { readActivity, readSettings } from './state.ts';
import { pytorchTunables } from './tunables.ts';

/**
 * The yardstick: our own small server (assets/pytorch-reference) around transformers on torch, one
 * request at a time. It runs in any Python that has torch, transformers and gguf.
 */
export const pytorch: Engine = {
  id: engineId,
  aliases: ['torch', 'transformers', 'pytorch-reference'],
  title: 'PyTorch reference server',
  capabilities: {
    api: ['chat', 'completions'],
    ignoreEos: true,
    tokenize: true,
    metrics: true,
    modelFormats: ['gguf', 'hugging-face'],
  },
  // Importing torch from a cold disk takes a minute.
  defaults: { slots: 1, contextTokens: 8192, startupTimeoutMs: 600_000 },
  models: pytorchModels,
  tunables: pytorchTunables,
  addressFlags: ['--host', '--port'],
  logPatterns: pytorchLogPatterns,
  locate: locatePyTorch,
  checks: checkPyTorch,
  sources: async (ctx) => offersOf(pytorchSources(ctx)),
  install: installPyTorch,
  async start(ctx, installed, options) {
    const findings = await findingsOf(options.modelPath);
    const threads = options.threads ?? chooseThreads(ctx.cpuCount);
    return launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads,
        command: buildCommand(installed, options, threads),
        env: environmentOf(threads),
        healthPaths: ['/health'],
        logPatterns: pytorchLogPatterns,
        bodyDefaults: {},
        findings,
        settings: readSettings,
        activity: readActivity,
      },
      options,
    );
  },
};

/** A broken file is said in one sentence here. @throws BenchError `PREREQ_MODEL_*` */
async function findingsOf(modelPath: string): Promise<Finding[]> {
  const found = await stat(modelPath).catch(() => null);
  if (found?.isDirectory()) return [];
  const { quant } = await readGguf(modelPath);
  if (quant === null || /^(F32|F16|BF16)$/i.test(quant)) return [];
  return [
    {
      code: 'weights-dequantised',
      severity: 'info',
      message: `the PyTorch reference does not compute in ${quant}: it dequantised the weights as it loaded them, so it moves more bytes for each token than an engine that keeps them (engine.settings.weights has the dtype).`,
    },
  ];
}
