import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createEntryContext } from '../../../engines/index.ts';
import { buildGguf } from '../../../engines/test-support.ts';
import { timeWeights, weightsRead } from './time-weights.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-weights-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function gguf(entries: Record<string, string | number>): string {
  const path = join(root, 'model.gguf');
  writeFileSync(path, buildGguf({ 'general.architecture': 'llama', ...entries }));
  return path;
}

function folder(config: object, weightBytes: number): string {
  const path = mkdtempSync(join(root, 'hf-'));
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
  writeFileSync(join(path, 'model.safetensors'), Buffer.alloc(weightBytes));
  return path;
}

describe('what a pass reads of a model', () => {
  it('is 2 bits for each weight of a GGUF file but the vocabulary', async () => {
    // 6 weights, of them 2 words of 1: 4 weights in 1 byte.
    const found = await weightsRead(gguf({ 'llama.embedding_length': 1 }));
    expect(found).toEqual({ bytes: 1, assumption: '0.0 M weights of 2 bits, 0.0 MB' });
  });

  it('is at least a 16th of the files of a folder, where weights have 4 bytes at the most', async () => {
    // 8 M bytes are at least 2 M weights, 0.5 M of them of the vocabulary.
    const found = await weightsRead(folder({ vocab_size: 5_000, hidden_size: 100 }, 8_000_000));
    expect(found).toEqual({
      bytes: 375_000,
      assumption: 'at least 1.5 M weights of 2 bits, 0.4 MB',
    });
  });

  it.each([
    ['a mixture of experts', () => gguf({ 'llama.expert_count': 8 }), /mixture of experts/],
    ['one of a folder', () => folder({ num_local_experts: 8 }, 800), /mixture of experts/],
    ['nothing but a vocabulary', () => gguf({ 'llama.embedding_length': 3 }), /names no weights/],
    ['a folder without weights', () => folder({}, 0), /names no weights/],
    ['what is no model', () => join(root, '..'), /cannot be counted/],
  ])('is not known of %s', async (_, make, reason) => {
    expect(await weightsRead(make())).toEqual({ unknown: expect.stringMatching(reason) });
  });
});

it('is measured on this machine, and says how', async () => {
  const ctx = { ...createEntryContext(() => {}), platform: 'linux', cpuCount: 2 };
  const found = await timeWeights(ctx, folder({}, 32_000_000), true);
  expect(found).toMatchObject({ bytes: 2_000_000 });
  if ('unknown' in found) throw new Error(found.unknown);
  expect(found.passMs).toBeGreaterThan(0);
  expect(found.method).toMatch(
    /^at least 8\.0 M weights of 2 bits, 2\.0 MB; \d+\.\d GB\/s, the best of 6 rounds of 2 threads that read 2\.0 MB$/,
  );
  expect(await timeWeights({ ...ctx, platform: 'darwin' }, root, true)).toHaveProperty('unknown');
});
