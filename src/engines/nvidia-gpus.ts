import type { EngineContext } from './context.ts';
import { runCommand } from './run-command.ts';

/** What `nvidia-smi -L` lists, `GPU 0: NVIDIA H100`; `problem` when it lists none. */
export async function listNvidiaGpus(
  ctx: EngineContext,
): Promise<{ gpus: string[]; problem: string | null }> {
  const listed = await runCommand(ctx, ['nvidia-smi', '-L'], { timeoutMs: 20_000 });
  const gpus = listed.stdout
    .split('\n')
    .filter((line) => line.startsWith('GPU '))
    .map((line) => line.replace(/ \(UUID.*$/, ''));
  if (listed.code === 0 && gpus.length > 0) return { gpus, problem: null };
  return { gpus: [], problem: listed.problem ?? 'it lists none' };
}
