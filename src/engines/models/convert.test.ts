import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheLayout, sha256OfFile } from '../cache.ts';
import { createEntryContext } from '../entry-context.ts';
import {
  createTestContext,
  putOnPath,
  startOptionsOf,
  type TestContext,
  writeProgram,
} from '../test-support.ts';
import { convertModel } from './convert.ts';
import { converterAt, findConverter, requireConverter } from './converter.ts';
import { folderFindings, folderModels } from './folder-models.ts';
import { smollm2 } from './pins.ts';

let ctx: TestContext;
let bin: string;
let source: string;
beforeEach(() => {
  ctx = createTestContext();
  bin = putOnPath(ctx);
  source = startOptionsOf(ctx).modelPath;
});
afterEach(() => ctx.cleanUp());

describe('converting', () => {
  const order = () => ({ source, folder: join(ctx.folder, 'out'), dtype: 'bfloat16' as const });

  it('leaves a whole folder, and refuses one that is there', async () => {
    const says = '{"weights": "dequantised", "files": {"a": 1}}';
    const good = writeProgram(
      ctx.folder,
      'good',
      `#!/bin/sh\n[ "$4" = --dtype ] && [ "$5" = bfloat16 ] || exit 9\nmkdir "$3"; echo noise; echo '${says}'\n`,
    );
    expect(await convertModel(ctx, good, order())).toEqual(JSON.parse(says));
    expect(readdirSync(ctx.folder)).toContain('out');
    await expect(convertModel(ctx, good, order())).rejects.toMatchObject({
      code: 'USAGE_FOLDER_EXISTS',
      message: expect.stringContaining('/out'),
    });
  });

  it('leaves nothing when it fails, and says why', async () => {
    const bad = writeProgram(
      ctx.folder,
      'bad',
      '#!/bin/sh\nmkdir "$3"\necho "error: unsupported model architecture \'qwen3\'" >&2; exit 4\n',
    );
    await expect(convertModel(ctx, bad, order())).rejects.toMatchObject({
      code: 'PREREQ_CONVERT',
      message: expect.stringContaining('qwen3'),
      hint: expect.stringContaining('Llama'),
    });
    expect(readdirSync(ctx.folder).filter((name) => name.startsWith('out'))).toEqual([]);
  });
});

/** Says that it has what a conversion needs, and "converts". */
const fakeConverter = (tokenizers: string | null) => `#!/bin/sh
case "$*" in
  *"from importlib import metadata"*)
    printf '{"executable": "%s", "python": "3.11.2", "gguf": "1", "tokenizers": ${JSON.stringify(tokenizers)}}\\n' "$0"
    exit ;;
  *convert.py*)
    echo "$2" >> "$FAKE_LOG"
    mkdir "$3"; echo weights > "$3/model.safetensors"
    echo '{"max_position_embeddings": 64, "architectures": ["LlamaForCausalLM"], "dtype": "bfloat16"}' > "$3/config.json"
    echo '{"weights": "dequantised to bfloat16 from GGUF tensors: 1 Q4_1", "files": {}}'
    exit ;;
esac
exit 9
`;

describe('a Python that can convert', () => {
  beforeEach(() => {
    for (const name of ['mkdir', 'cat']) symlinkSync(join('/bin', name), join(bin, name));
    ctx.env = { ...ctx.env, PATH: bin, BENCH_OFFLINE: '1' };
  });

  it('is one of an engine that bench installed, else one on PATH', async () => {
    expect(await findConverter(ctx)).toBeNull();
    writeProgram(bin, 'python3', fakeConverter(null));
    const python = writeProgram(bin, 'python3.11', fakeConverter('1'));
    expect(await findConverter(ctx)).toBe(python);
    const folder = join(cacheLayout(ctx).engines, 'mlx', 'pypi-1');
    mkdirSync(join(folder, 'venv', 'bin'), { recursive: true });
    const inside = writeProgram(join(folder, 'venv', 'bin'), 'python', fakeConverter('1'));
    // Half an installation is none.
    expect(await findConverter(ctx)).toBe(python);
    writeFileSync(join(folder, 'manifest.json'), '{"schema": "inferencebench.install.v1"}');
    expect(await findConverter(ctx)).toBe(inside);
  });

  it('is fetched when there is none; a given one is taken, or refused by what it lacks', async () => {
    await expect(requireConverter(ctx)).rejects.toMatchObject({
      code: 'PREREQ_CONVERT',
      hint: expect.stringContaining('pip download'),
    });
    const lacking = writeProgram(bin, 'lacking', fakeConverter(null));
    await expect(converterAt(ctx, lacking)).rejects.toMatchObject({
      code: 'PREREQ_ENGINE_PATH',
      message: expect.stringContaining('has no tokenizers'),
    });
    const given = writeProgram(bin, 'given', fakeConverter('1'));
    expect(await converterAt(ctx, given)).toBe(given);
    expect(await requireConverter(ctx, [lacking, given])).toBe(given);
  });
});

describe('models for engines that read folders', () => {
  const models = folderModels('Frob', 'bfloat16');

  /** Passes for the pinned file by its size; its digest is checked where it is fetched. */
  function haveGguf(): string {
    const folder = join(cacheLayout(ctx).models, smollm2.id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'manifest.json'), '{"schema": "inferencebench.install.v1"}');
    const path = join(folder, smollm2.fileName);
    writeFileSync(path, readFileSync(source));
    truncateSync(path, smollm2.bytes);
    return path;
  }

  it('converts a known one once, and says what became of its weights', async () => {
    writeProgram(bin, 'python3', fakeConverter('1'));
    const log = join(ctx.folder, 'log');
    ctx.env = { ...ctx.env, FAKE_LOG: log };
    const gguf = haveGguf();
    expect(await models.locate(ctx, smollm2.id)).toBeNull();
    const pulled = await models.pull(ctx, smollm2.id);
    expect(pulled).toMatchObject({
      ...{ id: smollm2.id, source: 'converted', quant: 'bfloat16', contextLength: 64 },
      sha256: await sha256OfFile(join(pulled.path, 'model.safetensors')),
    });
    expect(await models.locate(ctx, smollm2.id)).toEqual(pulled);
    expect(await models.pull(ctx, smollm2.id)).toEqual(pulled);
    expect(readFileSync(log, 'utf8')).toBe(`${gguf}\n`);
    expect(await folderFindings(pulled.path, 'Frob')).toMatchObject([
      { code: 'weights-dequantised', message: expect.stringMatching(/Q4_1\.gguf: dequantised/) },
    ]);
  });

  it('takes folders and ids of a hub as they are', async () => {
    expect(await models.locate(ctx, 'Qwen/Qwen3-0.6B')).toMatchObject({
      ...{ path: 'Qwen/Qwen3-0.6B', contextLength: null, source: 'hugging-face' },
    });
    const modelPath = join(ctx.folder, 'own');
    mkdirSync(modelPath);
    writeFileSync(join(modelPath, 'config.json'), '{"max_position_embeddings": 8}');
    expect(await models.locate(ctx, 'mine', { modelPath })).toMatchObject({
      ...{ id: 'mine', path: modelPath, contextLength: 8 },
    });
    expect(await folderFindings(modelPath, 'Frob')).toEqual([]);
  });

  it('refuses what it cannot be given, with the way to it', async () => {
    await expect(models.locate(ctx, 'nonsense')).rejects.toMatchObject({
      code: 'USAGE_UNKNOWN_MODEL',
      hint: expect.stringContaining('smollm2-135m'),
    });
    await expect(models.locate(ctx, smollm2.id, { quant: 'q8_0' })).rejects.toMatchObject({
      code: 'USAGE_QUANT_UNAVAILABLE',
    });
    await expect(models.locate(ctx, 'x', { modelPath: source })).rejects.toMatchObject({
      code: 'PREREQ_MODEL_MISSING',
      hint: expect.stringContaining(`bench model convert ${source}`),
    });
  });
});

const real = await findConverter(createEntryContext(() => {}));

/** Needs a Python with gguf and tokenizers: `bench engine install mlx` leaves one. */
describe.skipIf(real === null)('the converter itself', () => {
  it('gives back what was put into a GGUF file, bit for bit', () => {
    const script = fileURLToPath(
      new URL('../../../test/fixtures/pytorch/check_convert.py', import.meta.url),
    );
    const { stdout, stderr } = spawnSync(real ?? '', ['-B', script, ctx.folder], {
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toMatchObject({ stdout: 'same\n' });
  });
});
