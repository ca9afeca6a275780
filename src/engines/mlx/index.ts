import type { Engine } from '../engine.ts';
import { launchEngine } from '../launch.ts';
import { offersOf } from '../sources.ts';
import { checkMlx } from './checks.ts';
import { buildCommand, environmentOf, requestedModel } from './command.ts';
import { contextPerSlot, findingsOf } from './findings.ts';
import { installMlx, mlxSources } from './install.ts';
import { engineId, locateMlx } from './locate.ts';
import { mlxDeadLines, mlxLogPatterns } from './log-patterns.ts';
import { mlxModels } from './models.ts';
import { readSettings } from './state.ts';
import { mlxTunables } from './tunables.ts';

/** `mlx_lm.server` of mlx-lm: on Apple silicon, and, slowly, on a Linux CPU. */
export const mlx: Engine = {
  id: engineId,
  aliases: ['mlx-lm', 'mlx_lm'],
  title: 'mlx_lm.server (MLX)',
  capabilities: {
    api: ['chat', 'completions'],
    // Takes it without a word, and stops at the end token all the same.
    ignoreEos: false,
    tokenize: false,
    metrics: false,
    modelFormats: ['hugging-face'],
    ownModelName: true,
  },
  // The slots are the server's own default.
  defaults: { slots: 32, contextTokens: 32 * contextPerSlot, startupTimeoutMs: 600_000 },
  models: mlxModels,
  tunables: mlxTunables,
  addressFlags: ['--host', '--port'],
  logPatterns: mlxLogPatterns,
  locate: locateMlx,
  checks: checkMlx,
  sources: async (ctx) => offersOf(mlxSources(ctx)),
  install: installMlx,
  async start(ctx, installed, options) {
    const model = await requestedModel(options.modelPath);
    return launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads: null,
        command: buildCommand(installed, options, model),
        env: await environmentOf(ctx, options),
        ownVariables: /^MLX_/,
        healthPaths: ['/health'],
        logPatterns: mlxLogPatterns,
        modelName: model,
        deadLines: mlxDeadLines,
        bodyDefaults: {},
        findings: await findingsOf(options, model),
        settings: (rootUrl) => readSettings(rootUrl, model),
        // It counts nothing; its log grows with each request.
        activity: () => Promise.resolve(null),
      },
      options,
    );
  },
};
