import { rename, rm, stat } from 'node:fs/promises';
import { BenchError, packageFile, redactText } from '../../core/index.ts';
import type { EngineContext } from '../context.ts';
import { throwIfAborted } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { explainLog } from '../log-patterns.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import { environmentOf } from './command.ts';
import { pytorchLogPatterns } from './log-patterns.ts';

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

/**
 * GGUF to a folder in Hugging Face format, which transformers, vLLM and others read: same weights
 * (dequantised), same tokenizer, same chat template. The folder is whole, or not there.
 *
 * @param python of the PyTorch engine, as it is found
 * @throws BenchError `USAGE_FOLDER_EXISTS`, `PREREQ_CONVERT` with the reason
 */
export async function convertModel(
  ctx: EngineContext,
  python: InstalledEngine,
  { source, folder, dtype }: ConvertOrder,
): Promise<Converted> {
  if ((await stat(folder).catch(() => null)) !== null) {
    throw new BenchError('USAGE_FOLDER_EXISTS', `${folder} is there already.`, {
      hint: 'Name a folder that does not exist yet.',
    });
  }
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  try {
    const result = await runCommand(ctx, [python.path, script, source, part, '--dtype', dtype], {
      env: environmentOf(ctx.cpuCount),
    });
    throwIfAborted(ctx);
    if (result.code !== 0) {
      const cause = explainLog(result.stderr.split('\n'), pytorchLogPatterns);
      throw new BenchError(
        'PREREQ_CONVERT',
        `${source} was not converted: ${redactText(commandFailure(result))}`,
        { hint: cause?.hint ?? `It was run with ${python.path}.` },
      );
    }
    await rename(part, folder);
    return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as Converted;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}
