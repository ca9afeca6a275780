import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readGguf } from './gguf.ts';
import type { TestContext } from './test-support.ts';
import { buildGguf, createTestContext } from './test-support.ts';

let ctx: TestContext;
beforeEach(() => {
  ctx = createTestContext();
});
afterEach(() => ctx.cleanUp());

const header = {
  'general.architecture': 'llama',
  'general.name': 'tiny',
  'general.size_label': '6',
  'general.file_type': 15,
  'llama.context_length': 2048,
  'llama.block_count': 3,
};

function write(bytes: Buffer): string {
  const path = join(ctx.folder, 'model.gguf');
  writeFileSync(path, bytes);
  return path;
}

describe('readGguf', () => {
  it('reads the header past arrays, and counts the parameters', async () => {
    expect(await readGguf(write(buildGguf(header)))).toMatchObject({
      version: 3,
      architecture: 'llama',
      name: 'tiny',
      sizeLabel: '6',
      quant: 'Q4_K_M',
      contextLength: 2048,
      blockCount: 3,
      parameters: 6,
      tensors: 1,
      metadata: { 'tokenizer.ggml.tokens.length': 2 },
    });
  });

  it('gives null for what the header does not say', async () => {
    const info = await readGguf(write(buildGguf({ 'general.file_type': 999 })));
    expect(info).toMatchObject({ architecture: null, quant: null, contextLength: null });
  });

  it('refuses every truncation of the file', async () => {
    const whole = buildGguf(header);
    for (let length = 0; length < whole.length; length += 7) {
      const reading = readGguf(write(whole.subarray(0, length)));
      await expect(reading, `${length} bytes`).rejects.toMatchObject({
        code: 'PREREQ_MODEL_FORMAT',
      });
    }
  });

  it('refuses another format and a missing file', async () => {
    await expect(readGguf(write(Buffer.from('PK\x03\x04 a zip')))).rejects.toThrow(/"GGUF"/);
    await expect(readGguf('/nowhere.gguf')).rejects.toMatchObject({ code: 'PREREQ_MODEL_MISSING' });
  });
});
