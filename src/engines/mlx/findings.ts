import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../model/index.ts';
import type { StartOptions } from '../engine.ts';
import { folderFindings } from '../models/folder-models.ts';

/** Tokens of context for each slot, where nothing else is asked for. */
export const contextPerSlot = 8192;
/** What mlx-lm takes where `config.json` has no `rope_theta`. */
const ropeBaseTaken = 10_000;

/** What whoever reads a result has to know of this model and these options. */
export async function findingsOf(options: StartOptions, model: string): Promise<Finding[]> {
  const own = [await ropeFinding(model), contextFinding(options)];
  return [...(await folderFindings(model, 'MLX')), ...own.filter((finding) => finding !== null)];
}

function contextFinding({ contextTokens, slots }: StartOptions): Finding | null {
  if (contextTokens === contextPerSlot * slots) return null;
  return {
    code: 'context-not-limited',
    severity: 'info',
    message:
      'mlx_lm.server has no limit of context that could be set: --context-tokens had no effect on it.',
  };
}

/** transformers 5 writes the base of the rotary embedding where mlx-lm 0.32.2's llama does not look. */
async function ropeFinding(model: string): Promise<Finding | null> {
  const text = await readFile(join(model, 'config.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const config = parse(text);
  const base = config?.rope_parameters?.rope_theta;
  if (config?.model_type !== 'llama' || config.rope_theta !== undefined) return null;
  if (base === undefined || base === ropeBaseTaken) return null;
  return {
    code: 'rope-base-not-read',
    severity: 'warning',
    message: `config.json has the rope base ${base} only under rope_parameters, where mlx-lm does not look: it takes ${ropeBaseTaken}, and the text is not the model's. Add "rope_theta": ${base} to config.json.`,
  };
}

interface Config {
  model_type?: string;
  rope_theta?: number;
  rope_parameters?: { rope_theta?: number };
}

function parse(text: string): Config | null {
  try {
    return JSON.parse(text) as Config | null;
  } catch {
    return null;
  }
}
