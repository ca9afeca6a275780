import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import type { Finding } from '../../model/index.ts';
import { cacheLayout, installAtomically, readManifest, sha256OfFile } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { findOrFetch } from '../install-lock.ts';
import { interpreterOf, isPython } from '../locate-program.ts';
import type { FindModelOptions, LocalModel, ModelCatalog } from '../model-catalog.ts';
import type { ConvertOrder } from './convert.ts';
import { convertModel } from './convert.ts';
import { requireConverter } from './converter.ts';
import { ggufModels } from './gguf-models.ts';
import { hubModels } from './hub-models.ts';
import { describeModelFolder } from './model-folder.ts';

const entry = 'hugging-face';
const weightsFile = 'model.safetensors';
const convertedSource = 'converted';

/**
 * Known models, whose GGUF files are converted into the cache; folders of the user's own; ids of a hub,
 * which the engine fetches itself.
 *
 * @param title of the engine, for messages
 * @param dtype of the converted weights
 */
export function folderModels(title: string, dtype: ConvertOrder['dtype']): ModelCatalog {
  const known = ggufModels.list().map(({ id }) => id);
  const others = hubModels(title, known);
  const isKnown = (id: string, { modelPath }: FindModelOptions) =>
    modelPath === undefined && known.includes(id);
  return {
    list: () => ggufModels.list(),
    locate: async (ctx, id, find = {}) => {
      if (!isKnown(id, find)) return others.locate(ctx, id, find);
      // Refuses a quantisation that is not to be had, before anything is fetched.
      await ggufModels.locate(ctx, id, find);
      return converted(ctx, id, dtype);
    },
    sources: async (ctx, id) => {
      if (!isKnown(id, {})) return others.sources(ctx, id);
      return (await ggufModels.locate(ctx, id)) === null ? ggufModels.sources(ctx, id) : [];
    },
    pull: (ctx, id, find = {}) =>
      isKnown(id, find)
        ? findOrFetch(
            ctx,
            cacheLayout(ctx),
            `model-${id}-${dtype}`,
            () => converted(ctx, id, dtype),
            () => convertKnown(ctx, id, dtype, find),
          )
        : others.pull(ctx, id, find),
  };
}

/** For launchers of the arena: the weights as the PyTorch reference has them on a CPU. */
export const convertedModels = folderModels('the arena', 'float32');

/** That the weights of a folder that `bench` converted are no longer what their file has. */
export async function folderFindings(modelPath: string, title: string): Promise<Finding[]> {
  const manifest = await readManifest(dirname(modelPath));
  if (manifest?.source !== convertedSource || !/: dequantised/.test(manifest.from)) return [];
  return [
    {
      code: 'weights-dequantised',
      severity: 'info',
      message: `${title} serves a conversion of a GGUF file (${manifest.from}): it moves more bytes for each token than an engine that keeps the file's quantisation.`,
    },
  ];
}

async function converted(
  ctx: EngineContext,
  id: string,
  dtype: string,
): Promise<LocalModel | null> {
  const folder = folderOf(ctx, id, dtype);
  const manifest = await readManifest(folder);
  if (manifest === null) return null;
  const described = await describeModelFolder(id, join(folder, manifest.entry));
  return { ...described, sha256: manifest.sha256, source: convertedSource };
}

async function convertKnown(
  ctx: EngineContext,
  id: string,
  dtype: ConvertOrder['dtype'],
  find: FindModelOptions,
): Promise<LocalModel> {
  const gguf = (await ggufModels.locate(ctx, id, find)) ?? (await ggufModels.pull(ctx, id, find));
  const python = await requireConverter(ctx, await pythonOf(find.servedBy));
  const message = `converting ${gguf.path} to a folder in Hugging Face format, ${dtype}`;
  ctx.emit({ kind: 'log', message });
  await installAtomically(cacheLayout(ctx), folderOf(ctx, id, dtype), async (folder) => {
    const order = { source: gguf.path, folder: join(folder, entry), dtype };
    const { weights } = await convertModel(ctx, python, order);
    const file = join(order.folder, weightsFile);
    return {
      schema: 'inferencebench.install.v1',
      source: convertedSource,
      from: `${gguf.path}: ${weights}`,
      version: dtype,
      sha256: await sha256OfFile(file),
      bytes: (await stat(file)).size,
      verified: false,
      entry,
    };
  });
  const model = await converted(ctx, id, dtype);
  if (model === null) throw new BenchError('PREREQ_CONVERT', 'the conversion left no model behind');
  return model;
}

/** The interpreter of the engine that is going to serve the model, which may be able to convert it. */
async function pythonOf(servedBy: string | undefined): Promise<string[]> {
  if (servedBy === undefined) return [];
  const python = isPython(servedBy) ? servedBy : await interpreterOf(servedBy);
  return python === null ? [] : [python];
}

function folderOf(ctx: EngineContext, id: string, dtype: string): string {
  // Of its own name: conversions made through transformers lack the rope base that mlx-lm reads.
  return join(cacheLayout(ctx).models, `${id}-hf-${dtype}`);
}
