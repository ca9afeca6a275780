import { stat } from 'node:fs/promises';
import { BenchError } from '../../core/index.ts';
import type { EngineContext } from '../context.ts';
import type { FindModelOptions, LocalModel, ModelCatalog } from '../model-catalog.ts';
import { describeModelFolder } from './model-folder.ts';

/**
 * Folders in Hugging Face format, and ids of a hub, which the engine fetches itself.
 * @param title of the engine, for messages
 * @param known to whoever asks this for what is none of them: for messages too
 */
export function hubModels(title: string, known: readonly string[] = []): ModelCatalog {
  const locate = (_ctx: EngineContext, id: string, options?: FindModelOptions) =>
    locateModel(title, known, id, options);
  // Nothing is fetched here: what `locate` does not refuse, the engine takes.
  return { list: () => [], locate, sources: () => Promise.resolve([]), pull: locate };
}

async function locateModel(
  title: string,
  known: readonly string[],
  id: string,
  { modelPath }: FindModelOptions = {},
): Promise<LocalModel> {
  const names = known.length === 0 ? '' : `Known: ${known.join(', ')}. `;
  const hint = `${names}Give --model-path FOLDER in Hugging Face format, or the id of a hub: --model Qwen/Qwen3-0.6B, which ${title} fetches itself.`;
  if (modelPath !== undefined) {
    const found = await stat(modelPath).catch(() => null);
    if (found?.isDirectory()) return describeModelFolder(id, modelPath);
    const what = found === null ? 'there is no such folder' : 'it is a file';
    throw new BenchError('PREREQ_MODEL_MISSING', `--model-path ${modelPath}: ${what}.`, {
      hint: /\.gguf$/i.test(modelPath)
        ? `bench model convert ${modelPath} FOLDER makes a folder of it, for --model-path FOLDER.`
        : hint,
    });
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(id)) {
    throw new BenchError('USAGE_UNKNOWN_MODEL', `${title} cannot be given "${id}".`, { hint });
  }
  const unknown = { quant: null, architecture: null, parameters: null, contextLength: null };
  return { id, path: id, bytes: null, sha256: null, source: 'hugging-face', ...unknown };
}
