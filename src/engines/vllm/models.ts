import { dirname, join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import type { Finding } from '../../model/index.ts';
import { cacheLayout, installAtomically, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findOrFetch } from '../install-lock.ts';
import { interpreterOf } from '../locate-program.ts';
import type { FindModelOptions, LocalModel, ModelCatalog } from '../model-catalog.ts';
import { convertModel } from '../models/convert.ts';
import { ggufModels } from '../models/gguf-models.ts';
import { hubModels } from '../models/hub-models.ts';
import { describeModelFolder } from '../models/model-folder.ts';
import { locatePyTorch } from '../pytorch/locate.ts';
import { requirements } from '../pytorch/pins.ts';

/** What the weights are dequantised to: what vLLM computes in on CPUs and GPUs alike. */
const dtype = 'bfloat16';

/**
 * Folders in Hugging Face format, ids of a hub, which vLLM fetches itself, and the models known here,
 * whose GGUF files are converted once.
 */
export const vllmModels: ModelCatalog = {
  list: () => ggufModels.list(),
  async locate(ctx, id, options = {}) {
    if (options.modelPath !== undefined || !isKnown(id)) return others.locate(ctx, id, options);
    // Also where the converted one is there: `--quant` may name another file.
    await ggufModels.locate(ctx, id, options);
    return converted(ctx, id);
  },
  sources: async (ctx, id) =>
    isKnown(id) && (await ggufModels.locate(ctx, id)) === null ? ggufModels.sources(ctx, id) : [],
  async pull(ctx, id, options = {}) {
    const there = await vllmModels.locate(ctx, id, options);
    if (there !== null) return there;
    return findOrFetch(
      ctx,
      cacheLayout(ctx),
      `model-${id}-${dtype}`,
      () => converted(ctx, id),
      () => convert(ctx, id, options),
    );
  },
};

const known = ggufModels.list().map(({ id }) => id);
const isKnown = (id: string) => known.includes(id);

/** Folders and ids of a hub. */
const others = hubModels('vLLM', known);

const folderOf = (ctx: EngineContext, id: string) =>
  join(cacheLayout(ctx).models, `${id}-${dtype}`);

async function converted(ctx: EngineContext, id: string): Promise<LocalModel | null> {
  const folder = folderOf(ctx, id);
  const manifest = await readManifest(folder);
  if (!manifest) return null;
  const model = await describeModelFolder(id, join(folder, manifest.entry));
  return { ...model, source: manifest.source };
}

async function convert(
  ctx: EngineContext,
  id: string,
  options: FindModelOptions,
): Promise<LocalModel> {
  const gguf = (await ggufModels.locate(ctx, id)) ?? (await ggufModels.pull(ctx, id));
  const python = await pythonFor(ctx, options.servedBy);
  ctx.emit({
    kind: 'log',
    message: `converting ${gguf.path} to a folder that vLLM reads, with ${python.path}`,
  });
  await installAtomically(cacheLayout(ctx), folderOf(ctx, id), async (folder) => {
    const { weights } = await convertModel(ctx, python.path, {
      source: gguf.path,
      folder: join(folder, 'hugging-face'),
      dtype,
    });
    return {
      schema: 'inferencebench.install.v1',
      source: 'converted',
      from: `${gguf.path}: ${weights}`,
      version: dtype,
      sha256: gguf.sha256 ?? '',
      bytes: gguf.bytes ?? 0,
      verified: gguf.sha256 !== null,
      entry: 'hugging-face',
    };
  });
  const model = await converted(ctx, id);
  if (!model) throw new BenchError('PREREQ_CONVERT', 'the conversion left no model behind');
  return model;
}

/** vLLM's own environment has what a conversion imports, but for `gguf`, which ours has. */
async function pythonFor(ctx: EngineContext, vllm?: string): Promise<InstalledEngine> {
  const own = vllm === undefined ? null : await interpreterOf(vllm);
  const tried =
    own === null ? null : await locatePyTorch(ctx, { enginePath: own }).catch(() => null);
  const found = tried ?? (await locatePyTorch(ctx));
  if (found) return found;
  throw new BenchError(
    'PREREQ_CONVERT',
    'The model is a GGUF file, and no Python here can convert it for vLLM.',
    {
      hint: `${own ?? 'python3'} -m pip install gguf==${requirements.gguf} beside torch and transformers will do; so will bench engine install pytorch.`,
    },
  );
}

/** That the weights of a converted model are no longer what its file has. */
export async function findingsOf(modelPath: string): Promise<Finding[]> {
  const manifest = await readManifest(dirname(modelPath));
  if (manifest?.source !== 'converted') return [];
  return [
    {
      code: 'weights-dequantised',
      severity: 'info',
      message: `vLLM serves a conversion of a GGUF file (${manifest.from}): it moves more bytes for each token than an engine that keeps the file's quantisation.`,
    },
  ];
}
