import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createEntryContext } from '../../../engines/index.ts';
import { timeWeights, weightsRead } from './time-weights.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-weights-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A GGUF file of version 3: a vocabulary of 2 words, and one tensor of 2 x 3. */
function gguf(entries: Record<string, number>): string {
  const path = join(root, 'model.gguf');
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (value: string) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const [aText, aList, aNumber] = [8, 9, 4].map(u32) as [Buffer, Buffer, Buffer];
  const numbers = Object.entries(entries);
  const parts = [
    ...[Buffer.from('GGUF'), u32(3), u64(1), u64(2 + numbers.length)],
    ...[text('general.architecture'), aText, text('llama')],
    ...[text('tokenizer.ggml.tokens'), aList, aText, u64(2), text('a'), text('b')],
    ...numbers.flatMap(([key, value]) => [text(key), aNumber, u32(value)]),
    ...[text('weight'), u32(2), u64(2), u64(3), u32(0), u64(0)],
  ];
  writeFileSync(path, Buffer.concat(parts));
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
