import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BenchError, packageFile, redactText } from '../../core/index.ts';
import type { EngineContext } from '../context.ts';
import { throwIfAborted } from '../context.ts';
import type { LogPattern } from '../log-patterns.ts';
import { commonLogPatterns, explainLog } from '../log-patterns.ts';
import { commandFailure, runCommand } from '../run-command.ts';

const script = packageFile('assets/pytorch-reference/convert.py');

export interface ConvertOrder {
  /** GGUF file. */
  source: string;
  /** Must not exist yet. */
  folder: string;
  dtype: 'float32' | 'bfloat16' | 'float16';
}

/** How the weights were made, and the bytes of each file that was written. */
export interface Converted {
  weights: string;
  files: Record<string, number>;
}

/** Said by the converter and by the PyTorch reference, which read GGUF files with the same code. */
export const ggufLogPatterns: readonly LogPattern[] = [
  {
    cause: 'model-invalid',
    pattern:
      /not a GGUF model|unsupported model architecture|in a GGUF file is not read|weights do not fit|unknown tensor|the GGUF header has no/i,
    explanation: 'This GGUF file cannot be read into Hugging Face format.',
    hint: 'GGUF files of the Llama architecture with a BPE tokenizer are read, and folders in Hugging Face format.',
  },
];

/**
 * GGUF to a folder in Hugging Face format, which transformers, vLLM, MLX and others read: same
 * weights (dequantised), same tokenizer, same chat template. The folder is whole, or not there.
 *
 * @param python with numpy, gguf and tokenizers
 * @throws BenchError `USAGE_FOLDER_EXISTS`, `PREREQ_CONVERT` with the reason
 */
export async function convertModel(
  ctx: EngineContext,
  python: string,
  { source, folder, dtype }: ConvertOrder,
): Promise<Converted> {
  if ((await stat(folder).catch(() => null)) !== null) {
    throw new BenchError('USAGE_FOLDER_EXISTS', `${folder} is there already.`, {
      hint: 'Name a folder that does not exist yet.',
    });
  }
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  try {
    const result = await runCommand(ctx, [python, script, source, part, '--dtype', dtype], {
      env: { PYTHONDONTWRITEBYTECODE: '1' },
    });
    throwIfAborted(ctx);
    if (result.code !== 0) {
      const patterns = [...ggufLogPatterns, ...commonLogPatterns];
      const cause = explainLog(result.stderr.split('\n'), patterns);
      throw new BenchError(
        'PREREQ_CONVERT',
        `${source} was not converted: ${redactText(commandFailure(result))}`,
        { hint: cause?.hint ?? `It was run with ${python}.` },
      );
    }
    await rename(part, folder);
    return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as Converted;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}
