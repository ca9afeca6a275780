import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { fileBytes } from '../cache.ts';
import type { LocalModel } from '../model-catalog.ts';

/** A model folder in Hugging Face format. @throws BenchError `PREREQ_MODEL_FORMAT` */
export async function describeModelFolder(id: string, path: string): Promise<LocalModel> {
  const text = await readFile(join(path, 'config.json'), 'utf8').catch(() => null);
  const config = text === null ? null : parse(text);
  if (config === null) {
    throw new BenchError('PREREQ_MODEL_FORMAT', `${path} is no model: it has no config.json.`, {
      hint: 'Give a GGUF file, or a folder in Hugging Face format (config.json, *.safetensors, tokenizer.json).',
    });
  }
  let bytes = 0;
  for (const name of await readdir(path)) {
    if (/\.(safetensors|bin)$/.test(name)) bytes += (await fileBytes(join(path, name))) ?? 0;
  }
  const { architectures, max_position_embeddings: longest } = config;
  return {
    id: id || basename(path),
    path,
    bytes,
    sha256: null,
    source: 'model-path',
    quant: textOf(config['dtype']) ?? textOf(config['torch_dtype']),
    architecture: Array.isArray(architectures) ? textOf(architectures[0]) : null,
    parameters: null,
    contextLength: typeof longest === 'number' ? longest : null,
  };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
