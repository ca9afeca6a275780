import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../core/index.ts';
import type { StartOptions } from './engine.ts';

/**
 * Context of one request, prompt and output together: its share, and no more than the model of a
 * folder has, since engines refuse a longer one.
 * @throws BenchError `USAGE_ENGINE_SLOTS`
 */
export async function tokensPerSlot(
  options: Pick<StartOptions, 'slots' | 'contextTokens' | 'modelPath'>,
): Promise<number> {
  const { slots, contextTokens } = options;
  const share = Math.floor(contextTokens / slots);
  if (slots < 1 || share < 1) {
    throw new BenchError(
      'USAGE_ENGINE_SLOTS',
      `${slots} slots cannot share ${contextTokens} tokens of context.`,
    );
  }
  return Math.min(share, (await contextOfFolder(options.modelPath)) ?? share);
}

async function contextOfFolder(path: string): Promise<number | null> {
  try {
    const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'));
    const longest = config.max_position_embeddings;
    return typeof longest === 'number' ? longest : null;
  } catch {
    return null;
  }
}
