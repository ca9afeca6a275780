import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightsPass } from '../../../arena/index.ts';
import { messageOf } from '../../../core/index.ts';
import { type EngineContext, readGguf } from '../../../engines/index.ts';
import { measureReadBandwidth } from '../../../host/index.ts';
import { findAccelerator } from './find-accelerator.ts';

/** Weights as small as any quantisation in use has them; the check of divergence passes no rougher one. */
const bitsPerWeight = 2;
/** No weights file has more for a weight. */
const mostBytesPerWeight = 4;

/** What one forward pass has to read of a model, at the least. */
export type WeightsRead = { bytes: number; assumption: string } | { unknown: string };

/**
 * How long one pass over a model's weights takes on this machine, at the least. Measures: nothing
 * else may run meanwhile.
 * @param isolated the server reaches no device of this machine
 */
export async function timeWeights(
  ctx: EngineContext,
  modelFile: string,
  isolated: boolean,
): Promise<WeightsPass | { unknown: string }> {
  if (ctx.platform !== 'linux') {
    return { unknown: 'only for the memory of CPUs, on Linux: here others may read it faster' };
  }
  const device = isolated ? null : await findAccelerator();
  if (device !== null) {
    return { unknown: `there is an accelerator (${device}), whose memory is not measured` };
  }
  const weights = await weightsRead(modelFile);
  if ('unknown' in weights) return weights;
  const { bytes, threads, bytesPerS, rounds } = await measureReadBandwidth(ctx.clock, {
    bytes: weights.bytes,
    threads: ctx.cpuCount,
  });
  return {
    bytes: weights.bytes,
    passMs: (weights.bytes / bytesPerS) * 1000,
    method: `${weights.assumption}; ${(bytesPerS / 1e9).toFixed(1)} GB/s, the best of ${rounds} rounds of ${threads} threads that read ${megabytes(bytes)}`,
  };
}

/**
 * The least that a pass reads: 2 bits a weight, or the file as it is where that is smaller. The
 * table of the vocabulary is left out, since a pass needs a row of it only (where it is the output
 * layer too, it needs all: that is let go).
 */
export async function weightsRead(modelFile: string): Promise<WeightsRead> {
  try {
    const found = (await stat(modelFile)).isDirectory()
      ? await countFolder(modelFile)
      : await countGguf(modelFile);
    if ('unknown' in found) return found;
    const { fileBytes, parameters, vocabulary, isLeast } = found;
    const read = Math.max(0, parameters - vocabulary);
    const bytes = Math.min(fileBytes, Math.floor((read * bitsPerWeight) / 8));
    if (bytes <= 0) return { unknown: 'the model names no weights' };
    const count = `${isLeast ? 'at least ' : ''}${(read / 1e6).toFixed(1)} M weights`;
    return { bytes, assumption: `${count} of ${bitsPerWeight} bits, ${megabytes(bytes)}` };
  } catch (error) {
    return { unknown: `the model's weights cannot be counted: ${messageOf(error)}` };
  }
}

type Counted =
  | {
      fileBytes: number;
      parameters: number;
      /** Weights of the vocabulary's table. */
      vocabulary: number;
      /** Counted by the size of files. */
      isLeast: boolean;
    }
  | { unknown: string };

const mixture = { unknown: 'a mixture of experts: which weights a token needs is not known' };

async function countGguf(file: string): Promise<Counted> {
  const { parameters, architecture, metadata } = await readGguf(file);
  const number = (key: string) => {
    const value = metadata[key];
    return typeof value === 'number' ? value : 0;
  };
  if (number(`${architecture}.expert_count`) > 1) return mixture;
  const vocabulary =
    number('tokenizer.ggml.tokens.length') * number(`${architecture}.embedding_length`);
  return { fileBytes: (await stat(file)).size, parameters, vocabulary, isLeast: false };
}

/** A folder in Hugging Face format: by the size of its weights, of 4 bytes each at the most. */
async function countFolder(folder: string): Promise<Counted> {
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const number = (key: string) => (typeof config[key] === 'number' ? config[key] : 0);
  const experts = ['num_experts', 'num_local_experts', 'n_routed_experts'].map(number);
  if (experts.some((count) => count > 1)) return mixture;
  let fileBytes = 0;
  for (const name of await readdir(folder)) {
    if (name.endsWith('.safetensors')) fileBytes += (await stat(join(folder, name))).size;
  }
  const vocabulary = number('vocab_size') * number('hidden_size');
  return { fileBytes, parameters: fileBytes / mostBytesPerWeight, vocabulary, isLeast: true };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
