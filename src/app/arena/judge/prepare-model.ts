import { mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredScenario } from '../../../arena/index.ts';
import { BenchError } from '../../../core/index.ts';
import { convertedModels, type EngineContext, findEngine } from '../../../engines/index.ts';
import type { ScenarioClass, ScenarioSize } from '../../../model/index.ts';
import type { Sandbox, SandboxMount } from '../../../sandbox/index.ts';
import { announce } from '../../open-target.ts';

export interface PreparedModel {
  /** What MODEL_PATH names. */
  folder: SandboxMount;
  /** What is in it, for mission.md: `model.gguf`, `hf/`. */
  names: string[];
  /** What the reference reads: the file, else the folder in Hugging Face format. */
  file: string;
  /** All of the model on this machine, for its hash. */
  files: string[];
  /** What is mounted into the folder. */
  mounts: SandboxMount[];
}

/** Names in MODEL_PATH. */
const ggufName = 'model.gguf';
const hfName = 'hf';

/**
 * The model of a scenario, found or fetched, in the form that launchers are promised.
 * @throws BenchError PREREQ_MODEL, PREREQ_CONVERT
 */
export async function prepareModel(
  ctx: EngineContext,
  id: string,
  options: {
    modelPath: string | null;
    folder: string;
    sandbox: Sandbox;
    /** Of the scenario: what a launcher of its own serves, only it knows. */
    reference: Pick<ScenarioSize['reference'], 'kind' | 'witness'>;
  },
): Promise<PreparedModel> {
  const { modelPath, sandbox, reference } = options;
  const { gguf, hf } = modelPath === null ? await knownModel(ctx, id) : await ownModel(modelPath);
  if (modelPath !== null && (reference.kind === 'pytorch' || reference.witness === 'pytorch')) {
    await requireReadable({ gguf, hf });
  }
  await rm(options.folder, { recursive: true, force: true });
  await mkdir(options.folder, { recursive: true });
  const forms = [
    ...(gguf === null ? [] : [{ name: ggufName, from: gguf, isFolder: false }]),
    ...(hf === null ? [] : [{ name: hfName, from: hf, isFolder: true }]),
  ];
  const mounts: SandboxMount[] = [];
  for (const { name, from, isFolder } of forms) {
    const place = join(options.folder, name);
    if (!sandbox.isolates) {
      await symlink(from, place);
      continue;
    }
    // A link would lead out of what is seen inside; a mount needs something to be put on.
    await (isFolder ? mkdir(place) : writeFile(place, ''));
    mounts.push({ from, to: `/model/${name}` });
  }
  return {
    folder: { from: options.folder, to: '/model' },
    names: forms.map(({ name, isFolder }) => (isFolder ? `${name}/` : name)),
    file: gguf ?? hf ?? '',
    files: forms.map(({ from }) => from),
    mounts,
  };
}

/**
 * Before anything is started: whether the model of a scenario is one that bench fetches, where none is
 * given.
 * @throws BenchError USAGE_UNKNOWN_MODEL
 */
export function requireFetched(
  { stored, class: size }: { stored: StoredScenario; class: ScenarioClass },
  modelPath: string | null,
): void {
  const { id, classes } = stored.scenario;
  const fetched = findEngine('llama.cpp').models.list();
  const isFetched = (model: string) => fetched.some((one) => one.id === model);
  if (modelPath !== null || isFetched(classes[size].model)) return;
  const other =
    size === 'full' && isFetched(classes.small.model)
      ? ` Without a GPU: --class small, whose model (${classes.small.model}) is fetched.`
      : '';
  throw new BenchError(
    'USAGE_UNKNOWN_MODEL',
    `Scenario ${id}, class ${size}, serves "${classes[size].model}", which bench does not fetch.`,
    { hint: `Get it as a folder in Hugging Face format, and name that: --model-path DIR.${other}` },
  );
}

/** Where a model lies in each of its forms; one at least. */
interface ModelForms {
  gguf: string | null;
  hf: string | null;
}

/** The GGUF file, and the same weights as a folder, as the reference computes with them. */
async function knownModel(ctx: EngineContext, id: string): Promise<ModelForms> {
  const { models } = findEngine('llama.cpp');
  const local = await models.locate(ctx, id);
  if (local === null) announce(ctx, id, await models.sources(ctx, id));
  const { path: gguf } = local ?? (await models.pull(ctx, id));
  const converted = await convertedModels.locate(ctx, id);
  const { path: hf } = converted ?? (await convertedModels.pull(ctx, id));
  return { gguf, hf };
}

/** A GGUF file, a folder in Hugging Face format, or a folder that has both under these names. */
async function ownModel(path: string): Promise<ModelForms> {
  if (!(await isThere(path))) {
    throw noModel(path, 'there is no such file or folder');
  }
  if (!(await isFolderAt(path))) {
    if (path.endsWith('.gguf')) await requireGguf(path);
    return { gguf: path, hf: null };
  }
  const gguf = join(path, ggufName);
  const hf = join(path, hfName);
  const has = { gguf: await isThere(gguf), hf: await isFolderAt(hf) };
  if (has.gguf) await requireGguf(gguf);
  const folder = has.hf ? hf : has.gguf ? null : path;
  if (folder !== null && !(await isThere(join(folder, 'config.json')))) {
    throw noModel(folder, 'it has no config.json, as a folder in Hugging Face format has');
  }
  if (!has.gguf && !has.hf) return { gguf: null, hf: path };
  return { gguf: has.gguf ? gguf : null, hf: has.hf ? hf : null };
}

/** What the PyTorch reference reads, as far as it shows without reading the weights. */
async function requireReadable({ gguf, hf }: ModelForms): Promise<void> {
  if (gguf !== null) await requireGguf(gguf);
  if (hf === null) return;
  if (!namesArchitecture(await readFile(join(hf, 'config.json'), 'utf8').catch(() => ''))) {
    throw noModel(hf, 'its config.json names no model_type and no architectures');
  }
  const names = await readdir(hf);
  if (!names.some((name) => /\.(safetensors|bin)$/.test(name))) {
    throw noModel(hf, 'it has no weights (*.safetensors, *.bin)');
  }
}

function namesArchitecture(config: string): boolean {
  try {
    const { model_type: type, architectures } = Object(JSON.parse(config));
    return typeof type === 'string' || Array.isArray(architectures);
  } catch {
    return false;
  }
}

/** A judge would blame the submission for a file that no engine reads. */
async function requireGguf(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.subarray(0, bytesRead).toString('latin1') === 'GGUF') return;
  } finally {
    await file.close();
  }
  throw noModel(path, 'it does not begin as a GGUF file does');
}

const noModel = (path: string, why: string) =>
  new BenchError('PREREQ_MODEL_MISSING', `--model-path "${path}": ${why}.`, {
    hint: "Name a GGUF file or a folder in Hugging Face format, or leave it away for the scenario's model.",
  });

const isThere = async (path: string) => (await stat(path).catch(() => null)) !== null;
const isFolderAt = async (path: string) =>
  (await stat(path).catch(() => null))?.isDirectory() === true;
