import { rm } from 'node:fs/promises';
import type { Finding } from '../../model/index.ts';
import type { Engine } from '../engine.ts';
import { checkGpu } from '../gpu-check.ts';
import { installedByHand } from '../installed-by-hand.ts';
import { launchEngine } from '../launch.ts';
import { hubModels } from '../models/hub-models.ts';
import { buildCommand, socketPath } from './command.ts';
import { engineId, locateTgi, rejectedTgi } from './locate.ts';
import { tgiLogPatterns } from './log-patterns.ts';
import { readActivity, readSettings } from './state.ts';
import { tgiTunables } from './tunables.ts';

/** backends/v3/src/backend.rs at db931fcf: with chunked prefill the size of a batch is not looked at. */
const batchByTokens: Finding = {
  code: 'slots-not-enforced',
  severity: 'info',
  message:
    'TGI fills a batch by tokens (engine.settings.max_batch_total_tokens); --slots bounds it only for models without chunked prefill.',
};

/** Most shards whose sockets are looked for when it has ended. */
const mostShards = 16;

/** Its launcher takes its options from the environment too: docs/source/reference/launcher.md at 032fc4c4. */
const ownVariables =
  /^(MAX_|ROPE_|(VALIDATION_WORKERS|SHARDED|NUM_SHARD|QUANTIZE|SPECULATE|DTYPE|KV_CACHE_DTYPE|WAITING_SERVED_RATIO|DISABLE_CUSTOM_KERNELS)$)/;

/** Text Generation Inference (`text-generation-launcher`), in maintenance since December 2025. Not run by us. */
export const tgi: Engine = {
  id: engineId,
  aliases: ['text-generation-inference'],
  title: 'Text Generation Inference',
  // router/src/server.rs and validation.rs at db931fcf (3.3.6-dev0): `ignore_eos` is no field.
  capabilities: {
    api: ['chat', 'completions'],
    ignoreEos: false,
    tokenize: true,
    metrics: true,
    modelFormats: ['hugging-face'],
  },
  // Weights, warm-up of the largest batch and CUDA graphs take minutes.
  defaults: { slots: 256, contextTokens: 256 * 4096, startupTimeoutMs: 1_200_000 },
  models: hubModels('TGI'),
  tunables: tgiTunables,
  addressFlags: ['--hostname', '--port', '-p'],
  logPatterns: tgiLogPatterns,
  locate: locateTgi,
  rejected: rejectedTgi,
  checks: async (ctx, installed) => {
    if (installed === null) return [];
    const hint = 'Install the driver, until nvidia-smi works (or ROCm with /dev/kfd).';
    return [await checkGpu(ctx, { program: 'TGI', hint, amd: true })];
  },
  ...installedByHand({
    title: 'TGI',
    from: "Hugging Face's container image text-generation-inference",
    how: 'start bench in the container image text-generation-inference of Hugging Face, or measure the container with --endpoint; there is no package',
    program: 'text-generation-launcher',
    locate: locateTgi,
    rejected: rejectedTgi,
  }),
  async start(ctx, installed, options) {
    const running = await launchEngine(
      ctx,
      {
        engine: engineId,
        version: installed.version,
        threads: options.threads,
        command: await buildCommand(installed, options),
        env: {
          USAGE_STATS: 'off',
          ...(options.threads !== null && { OMP_NUM_THREADS: String(options.threads) }),
        },
        ownVariables,
        healthPaths: ['/health', '/info'],
        logPatterns: tgiLogPatterns,
        bodyDefaults: {},
        findings: [batchByTokens],
        settings: readSettings,
        activity: readActivity,
      },
      options,
    );
    return {
      ...running,
      async stop() {
        const receipt = await running.stop();
        for (let rank = 0; rank < mostShards; rank++) {
          await rm(`${socketPath(running.port)}-${rank}`, { force: true });
        }
        return receipt;
      },
    };
  },
};
