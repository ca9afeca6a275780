import { mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineContext, findEngine } from '../../../engines/index.ts';
import type { Sandbox, SandboxMount } from '../../../sandbox/index.ts';
import { announce } from '../../open-target.ts';

export interface PreparedModel {
  /** What MODEL_PATH names: `model.gguf` or `hf/`. */
  folder: SandboxMount;
  /** The file, or the folder in Hugging Face format. */
  file: string;
  /** What is mounted into the folder. */
  mounts: SandboxMount[];
}

/** The model of a scenario, found or fetched, in the form that launchers are promised. */
export async function prepareModel(
  ctx: EngineContext,
  id: string,
  options: { modelPath: string | null; folder: string; sandbox: Sandbox },
): Promise<PreparedModel> {
  const { models } = findEngine('llama.cpp');
  let file = options.modelPath;
  if (file === null) {
    const local = await models.locate(ctx, id);
    if (local === null) announce(ctx, id, await models.sources(ctx, id));
    file = (local ?? (await models.pull(ctx, id))).path;
  }
  await rm(options.folder, { recursive: true, force: true });
  await mkdir(options.folder, { recursive: true });
  const isFolder = (await stat(file)).isDirectory();
  const name = isFolder ? 'hf' : 'model.gguf';
  const place = join(options.folder, name);
  const folder = { from: options.folder, to: '/model' };
  if (!options.sandbox.isolates) {
    await symlink(file, place);
    return { folder, file, mounts: [] };
  }
  // A link would lead out of what is seen inside; a mount needs something to be put on.
  await (isFolder ? mkdir(place) : writeFile(place, ''));
  return { folder, file, mounts: [{ from: file, to: `/model/${name}` }] };
}
