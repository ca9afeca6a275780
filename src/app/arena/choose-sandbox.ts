import { BenchError } from '../../core/index.ts';
import type { EngineContext } from '../../engines/index.ts';
import { type Sandbox, sandboxes } from '../../sandbox/index.ts';

/**
 * The sandbox that was asked for. `auto`: the first that can be used here, and it is said where that
 * one does not isolate.
 * @throws BenchError PREREQ_SANDBOX
 */
export async function chooseSandbox(ctx: EngineContext, asked: string): Promise<Sandbox> {
  if (asked !== 'auto') {
    const sandbox = sandboxes.get(asked);
    const obstacle = await sandbox.available(ctx);
    if (obstacle === null) return sandbox;
    throw new BenchError('PREREQ_SANDBOX', `No sandbox ${sandbox.id} here: ${obstacle}.`, {
      hint: '--sandbox process starts it as a plain program of yours; the result is marked unsandboxed.',
    });
  }
  const obstacles: string[] = [];
  for (const sandbox of sandboxes.list()) {
    const obstacle = await sandbox.available(ctx);
    if (obstacle !== null) {
      obstacles.push(`no ${sandbox.id}: ${obstacle}`);
      continue;
    }
    if (!sandbox.isolates) {
      const message = `judging without a sandbox, and the result says so (${obstacles.join('; ')})`;
      ctx.emit({ kind: 'phase', name: 'preflight', message });
    }
    return sandbox;
  }
  throw new BenchError('PREREQ_SANDBOX', `No sandbox can be used here: ${obstacles.join('; ')}.`);
}
