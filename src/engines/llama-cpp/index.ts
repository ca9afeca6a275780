import type { Engine } from '../engine.ts';
import { readGguf } from '../gguf.ts';
import { launchEngine } from '../launch.ts';
import { ggufModels } from '../models/gguf-models.ts';
import { offersOf } from '../sources.ts';
import { chooseThreads } from '../threads.ts';
import { checkLlamaCpp } from './checks.ts';
import { buildCommand } from './command.ts';
import { installLlamaCpp, llamaCppSources } from './install.ts';
import { engineId, locateLlamaCpp, rejectedServers } from './locate.ts';
import { llamaCppLogPatterns } from './log-patterns.ts';
import { readActivity, readSettings, readSlots } from './state.ts';
import { llamaCppTunables } from './tunables.ts';

/** llama.cpp's HTTP server: a `llama-server` binary, or the server inside the xllamacpp wheel. */
export const llamaCpp: Engine = {
  id: engineId,
  aliases: ['llamacpp', 'llama-cpp', 'llama-server'],
  title: 'llama.cpp server',
  capabilities: {
    api: ['chat', 'completions'],
    ignoreEos: true,
    tokenize: true,
    metrics: true,
    modelFormats: ['gguf'],
  },
  // More slots only lengthen the queue on few cores: the prefill of a batch blocks its decode.
  defaults: { slots: 4, contextTokens: 8192, startupTimeoutMs: 120_000 },
  models: ggufModels,
  tunables: llamaCppTunables,
  addressFlags: ['--host', '--port', '--set port', '--set hostnames'],
  logPatterns: llamaCppLogPatterns,
  locate: locateLlamaCpp,
  rejected: rejectedServers,
  checks: checkLlamaCpp,
  sources: async (ctx) => offersOf(llamaCppSources(ctx)),
  install: installLlamaCpp,
  async start(ctx, installed, options) {
    // A broken model file is said in one sentence here, in twenty lines by the engine.
    await readGguf(options.modelPath);
    const threads = options.threads ?? chooseThreads(ctx.cpuCount);
    const { command, env, settings } = await buildCommand(ctx, installed, options, threads);
    return launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads,
        command,
        env,
        ownVariables: /^(LLAMA|GGML)_/,
        healthPaths: ['/health', '/v1/models'],
        logPatterns: llamaCppLogPatterns,
        // Reuse of a prefix would flatter TTFT; running counts tell the tokens of each chunk.
        bodyDefaults: { cache_prompt: false, timings_per_token: true },
        slots: readSlots,
        settings: async (rootUrl) => ({ ...settings, ...(await readSettings(rootUrl)) }),
        activity: readActivity,
      },
      options,
    );
  },
};
