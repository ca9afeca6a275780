import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import type { Finding } from '../../model/index.ts';
import { cacheLayout, installAtomically, readManifest, sha256OfFile } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { findOrFetch } from '../install-lock.ts';
import type { FindModelOptions, LocalModel, ModelCatalog } from '../model-catalog.ts';
import type { ConvertOrder } from './convert.ts';
import { convertModel } from './convert.ts';
import { requireConverter } from './converter.ts';
import { ggufModels } from './gguf-models.ts';
import { hubModels } from './hub-models.ts';
import { describeModelFolder } from './model-folder.ts';

const inside = 'model';
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

/** What has to be known of a folder whose weights were dequantised by `bench`. */
export async function folderFindings(modelPath: string, engine: string): Promise<Finding[]> {
  const manifest = await readManifest(dirname(modelPath));
  if (manifest?.source !== convertedSource || !manifest.version.startsWith('dequantised '))
    return [];
  return [
    {
      code: 'weights-dequantised',
      severity: 'info',
      message: `${engine} reads no GGUF: the weights are ${manifest.from}, ${manifest.version}; it moves more bytes for each token than an engine that keeps them.`,
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
  const described = await describeModelFolder(id, join(folder, inside));
  return { ...described, sha256: manifest.sha256, source: convertedSource };
}

async function convertKnown(
  ctx: EngineContext,
  id: string,
  dtype: ConvertOrder['dtype'],
  find: FindModelOptions,
): Promise<LocalModel> {
  const gguf = (await ggufModels.locate(ctx, id, find)) ?? (await ggufModels.pull(ctx, id, find));
  const python = await requireConverter(ctx);
  const message = `converting ${basename(gguf.path)} to a folder in Hugging Face format, ${dtype}`;
  ctx.emit({ kind: 'phase', name: 'install', message });
  await installAtomically(cacheLayout(ctx), folderOf(ctx, id, dtype), async (folder) => {
    const order = { source: gguf.path, folder: join(folder, inside), dtype };
    const { weights } = await convertModel(ctx, python, order);
    const file = join(order.folder, weightsFile);
    return {
      schema: 'inferencebench.install.v1',
      source: convertedSource,
      from: basename(gguf.path),
      version: weights,
      sha256: await sha256OfFile(file),
      bytes: (await stat(file)).size,
      verified: false,
      entry: join(inside, weightsFile),
    };
  });
  const model = await converted(ctx, id, dtype);
  if (model === null) throw new BenchError('PREREQ_MODEL', 'the conversion left no model behind');
  return model;
}

function folderOf(ctx: EngineContext, id: string, dtype: string): string {
  return join(cacheLayout(ctx).models, `${id}-hf-${dtype}`);
}
