import { freemem } from 'node:os';
import { type DoctorCheck, fail, ok, warn } from '../check.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import { searchPath } from './locate.ts';

/** Imports what the server imports, and asks torch what it computes on. Takes seconds. */
const importProbe = `import json, torch, transformers, gguf
from tokenizers import Tokenizer
cuda = torch.cuda.is_available()
print(json.dumps({"device": torch.cuda.get_device_name() if cuda else "cpu"}))`;

export async function checkPyTorch(
  ctx: EngineContext,
  installed: InstalledEngine | null,
): Promise<DoctorCheck[]> {
  if (installed === null) {
    const { rejected } = await searchPath(ctx);
    const seen = rejected.length > 0 ? rejected.join('; ') : 'no Python on PATH';
    const hint = 'Any Python with these will do: python3 -m pip install torch transformers gguf';
    return [{ check: 'interpreters', ...warn(`Looked at: ${seen}.`, hint) }];
  }
  const tried = await runCommand(ctx, [installed.path, '-c', importProbe], {
    timeoutMs: 120_000,
    env: { HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (tried.code !== 0) {
    const hint = 'Install what is missing into that Python, or leave --engine-path away.';
    return [{ check: 'imports', ...fail(`It does not load: ${commandFailure(tried)}`, hint) }];
  }
  const { device } = JSON.parse(tried.stdout.trim().split('\n').at(-1) ?? '{}');
  const gigabytes = (freemem() / 1e9).toFixed(1);
  return [
    { check: 'imports', ...ok('torch, transformers and gguf load.') },
    {
      check: 'device',
      ...ok(`It computes on ${device}; ${gigabytes} GB of memory are free, 4 bytes a parameter.`),
    },
  ];
}
