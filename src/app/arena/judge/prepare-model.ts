import { mkdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineContext, findEngine } from '../../../engines/index.ts';
import { announce } from '../../open-target.ts';

export interface PreparedModel {
  /** What MODEL_PATH names: `model.gguf` or `hf/`. */
  folder: string;
  /** The file, or the folder in Hugging Face format. */
  file: string;
}

/** The model of a scenario, found or fetched, in the form that launchers are promised. */
export async function prepareModel(
  ctx: EngineContext,
  id: string,
  options: { modelPath: string | null; folder: string },
): Promise<PreparedModel> {
  const { models } = findEngine('llama.cpp');
  let file = options.modelPath;
  if (file === null) {
    const local = await models.locate(ctx, id);
    if (local === null) announce(ctx, id, await models.sources(ctx, id));
    file = (local ?? (await models.pull(ctx, id))).path;
  }
  await mkdir(options.folder, { recursive: true });
  const name = (await stat(file)).isDirectory() ? 'hf' : 'model.gguf';
  await symlink(file, join(options.folder, name));
  return { folder: options.folder, file };
}
